import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES, readLines } from './lines.ts';
import { readRows } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'hone-lines-'));

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function linesOf(file: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of readLines(file)) texts.push(text);
  return texts;
}

async function rowsOf(file: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of readRows(file)) values.push(value);
  return values;
}

describe('lines of a file', () => {
  it.each([
    ['plain', '{"a":1}\n{"a":2}\n'],
    ['without a last line end', '{"a":1}\n{"a":2}'],
    ['Windows line ends', '{"a":1}\r\n{"a":2}\r\n'],
    ['a byte order mark', '\ufeff{"a":1}\n{"a":2}\n'],
    ['a byte order mark within, of a file put behind another', '{"a":1}\n\ufeff{"a":2}\n'],
    ['blank lines', '\n{"a":1}\n \r\n\n{"a":2}\n\n'],
  ])('are read: %s', async (name, text) => {
    expect(await rowsOf(write(`${name}.jsonl`, text))).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await rowsOf(write(`${name}.jsonl.gz`, gzipSync(text)))).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('characters across the pieces of a file stay whole', async () => {
    const text = 'é😀'.repeat(100_000);
    expect(await linesOf(write('characters', `${text}\n${text}`))).toEqual([text, text]);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeff{"a":1}\n', 'utf16le'), /UTF-16/],
    ['UTF-16 without a mark', Buffer.from('{"a":1}\n', 'utf16le'), /UTF-16/],
    ['Latin-1', Buffer.from('{"a":1}\n{"a":"caf\u00e9"}\n', 'latin1'), /:2: is not UTF-8/],
    ['no JSON', '{"a":1}\n\nnonsense\n', /:3: is not JSON/],
    ['no object', '[1]\n', /:1: must be a JSON object/],
  ])('of another form are refused with file and line: %s', async (name, bytes, message) => {
    await expect(rowsOf(write(`${name}.jsonl`, bytes))).rejects.toThrow(message);
  });

  it('a line without end is named before it fills the memory', async () => {
    const file = write('long.jsonl', `{}\n${'x'.repeat(MAX_LINE_BYTES + 1)}`);
    await expect(linesOf(file)).rejects.toThrow(/long\.jsonl:2: is longer than 16 MiB/);
  });

  it('a file that opens to far more than it is, or is no gzip, is refused', async () => {
    const bomb = write('bomb.jsonl.gz', gzipSync(Buffer.alloc(MAX_LINE_BYTES + 1)));
    await expect(linesOf(bomb)).rejects.toThrow(/bomb\.jsonl\.gz:1: is longer/);
    const blank = write('blank.jsonl.gz', gzipSync(Buffer.alloc(1_100_000, '\n')));
    await expect(linesOf(blank)).rejects.toThrow(/blank\.jsonl\.gz:\d+: is one of more than 1000000 blank lines/);
    const piece = gzipSync(`${'x'.repeat(2 ** 23 - 1)}\n`, { level: 9 });
    const lines = write('lines.jsonl.gz', Buffer.concat(Array.from({ length: 33 }, () => piece)));
    await expect(linesOf(lines)).rejects.toThrow(/opens to more than 200 times its size/);
    await expect(linesOf(write('none.gz', 'text'))).rejects.toThrow(/is not sound gzip/);
  });

  it('what is no regular file is refused and not waited for', async () => {
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(linesOf(join(folder, 'folder'))).rejects.toThrow(/folder: must be a file, but is a folder/);
    await expect(linesOf(join(folder, 'pipe'))).rejects.toThrow(/pipe: must be a regular file/);
    await expect(linesOf('/dev/zero')).rejects.toThrow(/must be a regular file/);
    await expect(linesOf(join(folder, 'nothing'))).rejects.toThrow(/nothing not found: check the path/);
    await expect(linesOf(join(folder, 'characters', 'x'))).rejects.toThrow(/not found: check the path/);
  });

  it('documents and tables are looked at in the same way', async () => {
    expect(await rowsOf(write('list.json', '\ufeff[{"a":1}]'))).toEqual([{ a: 1 }]);
    mkdirSync(join(folder, 'a.json'));
    mkdirSync(join(folder, 'a.parquet'));
    await expect(rowsOf(join(folder, 'a.json'))).rejects.toThrow(/must be a file, but is a folder/);
    await expect(rowsOf(join(folder, 'a.parquet'))).rejects.toThrow(/must be a file, but is a folder/);
  });
});
