import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { invalidArgument, notFound } from '@hone/errors';

/** A row of a file, with its place for messages. */
export interface Row {
  readonly value: Readonly<Record<string, unknown>>;
  /** "file:line". */
  readonly place: string;
}

/** The rows of a JSON-lines file (plain or .gz), one at a time. */
export async function* readRows(file: string): AsyncGenerator<Row> {
  const source = createReadStream(file);
  const stream = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => stream.destroy(error));
  let number = 0;
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== '') yield { value: parseRow(line, `${file}:${number}`), place: `${file}:${number}` };
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw notFound(`problem file ${file}`, 'check the path');
    throw thrown;
  }
}

function parseRow(line: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
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
