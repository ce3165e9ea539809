import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogPart } from './log-part.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a process appends to what others wrote, beside others that do, and its own part is what came since', () => {
  const file = path.join(folder, 'scorer.log');
  const first = LogPart.open(file);
  writeSync(first.descriptor, 'first\n');
  const second = LogPart.open(file);
  writeSync(second.descriptor, 'second\n');
  writeSync(first.descriptor, 'first again\n');
  expect(readFileSync(file, 'utf8')).toBe('first\nsecond\nfirst again\n');
  expect(first.read()).toBe('first\nsecond\nfirst again\n');
  expect(second.read()).toBe('second\nfirst again\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const part of [first, second]) part.close();
});

it('a file that has grown large makes way; nothing of it is lost before the next does', () => {
  const file = path.join(folder, 'trainer.log');
  writeFileSync(file, 'old\n');
  truncateSync(file, 33 * 2 ** 20);
  const part = LogPart.open(file);
  writeSync(part.descriptor, 'new\n');
  expect(part.read()).toBe('new\n');
  expect(readFileSync(`${file}.1`, 'utf8').startsWith('old\n')).toBe(true);
  part.close();
});
