import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { dataLoss, invalidArgument, notFound } from '@hone/errors';

/** A row of a file, with its place for messages. */
export interface Row {
  readonly value: Readonly<Record<string, unknown>>;
  /** "file:line". */
  readonly place: string;
}

/** The rows of a JSON-lines file (plain or .gz), one at a time. */
export async function* readRows(file: string): AsyncGenerator<Row> {
  let number = 0;
  try {
    for await (const line of readLines(file)) {
      number += 1;
      if (line.trim() !== '') yield { value: parseRow(line, `${file}:${number}`), place: `${file}:${number}` };
    }
  } catch (thrown) {
    throw readError(file, thrown);
  }
}

async function* readLines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  // The pipeline hands an error of the source on to the stream that is read.
  const stream = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => undefined) : source;
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** What a failed read means to who gave the file. */
function readError(file: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT') return notFound(`problem file ${file}`, 'check the path');
  if (code === 'EISDIR') return invalidArgument(file, 'must be a file, but is a folder', thrown);
  if (code === 'EACCES') return invalidArgument(file, 'may not be read; check its permissions', thrown);
  if (code?.startsWith('Z_')) return dataLoss(file, `is not sound gzip: ${(thrown as Error).message}`, thrown);
  return thrown;
}

function parseRow(line: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    // Editors on Windows begin files with a byte order mark, which JSON does not know.
    value = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw invalidArgument(place, `is not JSON: ${(thrown as Error).message}`, thrown);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidArgument(place, 'must be a JSON object');
}

/** A text field of a row. */
export function textField(row: Row, ...names: readonly string[]): string {
  for (const name of names) {
    const value = row.value[name];
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  throw invalidArgument(row.place, `must have a text field ${names.map((name) => `"${name}"`).join(' or ')}`);
}
