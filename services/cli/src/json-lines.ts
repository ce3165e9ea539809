/** Input files of one JSON object a line, read as they are needed. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseExactJson } from '@hone/artifacts';
import { invalidArgument, notFound } from '@hone/errors';

/** A line, and how errors name it. */
export interface JsonLine {
  readonly where: string;
  readonly row: Readonly<Record<string, unknown>>;
}

export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  const stream = createReadStream(file, { encoding: 'utf8' });
  let number = 0;
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() === '') continue;
      yield { where: `${file}:${number}`, row: parse(line, `${file}:${number}`) };
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw notFound(file, 'check the path');
    throw thrown;
  } finally {
    stream.destroy();
  }
}

function parse(line: string, where: string): Readonly<Record<string, unknown>> {
  let row: unknown;
  try {
    row = parseExactJson(line);
  } catch (thrown) {
    throw invalidArgument(where, `is not JSON: ${(thrown as Error).message}`, thrown);
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>;
  throw invalidArgument(where, 'must be a JSON object');
}

/** A field that holds token ids. */
export function tokenIdsOf(row: JsonLine['row'], name: string, where: string): number[] {
  const ids = row[name];
  const isId = (id: unknown): boolean => Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 31;
  if (Array.isArray(ids) && ids.length > 0 && ids.every(isId)) return ids as number[];
  throw invalidArgument(`${where} ${name}`, 'must be a list of token ids, and not empty');
}
