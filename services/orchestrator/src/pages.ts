import { invalidArgument } from '@hone/errors';

const DEFAULT_SIZE = 50;
const MAX_SIZE = 1000;

/** What a request for a page asks. */
export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** A page, the newest first, of what was created before the one with number `before`. */
export interface Page {
  readonly limit: number;
  readonly before: number;
}

/** Reads page_size and page_token; a token is the number of the last row of the page before. */
export function pageOf({ pageSize, pageToken }: PageRequest): Page {
  if (pageSize < 0 || pageSize > MAX_SIZE) {
    throw invalidArgument('page_size', `must be from 0 to ${MAX_SIZE}, but is ${pageSize}`);
  }
  if (!/^\d{0,9}$/.test(pageToken)) throw invalidArgument('page_token', 'must be the next_page_token of another page');
  return {
    limit: pageSize === 0 ? DEFAULT_SIZE : pageSize,
    before: pageToken === '' ? 0x7fffffff : Number(pageToken),
  };
}

/** Cuts the row that was read beyond the page to see whether there is another one. */
export function cutPage<Row>(rows: readonly Row[], limit: number, numberOf: (row: Row) => number) {
  const page = rows.slice(0, limit);
  return { page, nextPageToken: rows.length > limit ? String(numberOf(page.at(-1)!)) : '' };
}
