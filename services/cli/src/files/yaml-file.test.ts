import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readYamlFile } from './yaml-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hone-yaml-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function read(text: string): unknown {
  const file = path.join(folder, 'run.yaml');
  writeFileSync(file, text);
  return readYamlFile(file, 'run file');
}

test('a file is read, aliases too', () => {
  expect(read('a: &x 1\nb: *x\n')).toEqual({ a: 1, b: 1 });
});

test('a fault is told by file and line', () => {
  expect(() => read('a: 1\nb: [1,\n')).toThrow(/run\.yaml: .*line 3/);
});

test('aliases that stand for more values than memory holds are refused, with file and line', () => {
  const levels = Array.from({ length: 20 }, (_, level) => {
    const alias = `*l${level - 1}`;
    return `l${level}: &l${level} [${level === 0 ? '1, 1' : Array(9).fill(alias).join(', ')}]`;
  });
  expect(() => read(levels.join('\n'))).toThrow(/run\.yaml: line 20: .*alias/i);
});

test('what is no plain file of a sensible size is refused and never read', () => {
  const pipe = path.join(folder, 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  mkdirSync(path.join(folder, 'folder.yaml'));
  for (const file of [pipe, '/dev/zero', path.join(folder, 'folder.yaml')])
    expect(() => readYamlFile(file, 'run file')).toThrow(/must be a plain file/);
  expect(() => read('#'.repeat(2 ** 20 + 1))).toThrow(/at most 1048576 bytes/);
  expect(() => readYamlFile(path.join(folder, 'none.yaml'), 'run file')).toThrow(
    /run file .*not found: check the path/,
  );
});
