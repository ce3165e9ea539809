/** Input files of one JSON object a line, read as they are needed. */
import { readJsonLines } from '@hone/benchmarks';
import { invalidArgument } from '@hone/errors';

/** A line, and how errors name it. */
export interface JsonLine {
  readonly where: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Bytes of what a line becomes in a call: gRPC's limit of 4 MiB, less what stands around it. */
const MAX_MESSAGE_BYTES = 4 * 2 ** 20 - 2 ** 16;

export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  for await (const { location, value } of readJsonLines(file)) yield { where: location, row: value };
}

/** Refuses a line that is too long for a call. */
export function requireFits({ where }: JsonLine, bytes: number): void {
  if (bytes <= MAX_MESSAGE_BYTES) return;
  const size = (bytes / 2 ** 20).toFixed(1);
  throw invalidArgument(where, `holds ${size} MiB, but a service takes less than 4 MiB at a time`);
}

/** A field that holds token ids. */
export function tokenIdsOf(row: JsonLine['row'], name: string, where: string): number[] {
  const ids = row[name];
  const isId = (id: unknown): boolean => Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 31;
  if (Array.isArray(ids) && ids.length > 0 && ids.every(isId)) return ids as number[];
  throw invalidArgument(`${where} ${name}`, 'must be a list of token ids, and not empty');
}
