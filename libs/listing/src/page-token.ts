/** Page tokens: opaque, and of use only for the list that they were made for. */
import { createHash } from 'node:crypto';
import { invalidArgument } from '@hone/errors';

/** What of the last row the next page starts behind: numbers, text, and times as text. */
export type Position = readonly (string | number)[];

const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) && value.every((part) => typeof part === 'string' || typeof part === 'number');

function fingerprintOf(list: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 16);
}

/** The token of the page behind a row. `list` is all that decides what is listed and in which order: method, parent, filter, … */
export function makePageToken(list: readonly string[], position: Position): string {
  return Buffer.from(JSON.stringify([fingerprintOf(list), ...position])).toString('base64url');
}

/** Where a page begins; undefined for the first. `length` is that of the list's positions. */
export function readPageToken(token: string, list: readonly string[], length: number): Position | undefined {
  if (token === '') return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    parsed = undefined;
  }
  if (!isPosition(parsed) || parsed.length !== length + 1)
    throw invalidArgument('page_token', 'must be the next_page_token of another page');
  const [fingerprint, ...position] = parsed;
  if (fingerprint !== fingerprintOf(list)) {
    const rule = 'belongs to another list: filter, order_by and parent must stay as they were on the first page';
    throw invalidArgument('page_token', rule);
  }
  return position;
}
