import type { ListScorersRequest, ListScorersResponse } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { SCORERS } from './score.ts';

/** The RPC that lists the scorers of this server; a page's token is the number of those before it. */
export async function listScorers({ pageSize, pageToken }: ListScorersRequest): Promise<ListScorersResponse> {
  const offset = pageToken === '' ? 0 : Number(pageToken);
  if (!Number.isInteger(offset) || offset < 0 || offset > SCORERS.length) {
    throw invalidArgument('page_token', 'is not one this server gave');
  }
  if (pageSize < 0) throw invalidArgument('page_size', `must be at least 0, but is ${pageSize}`);
  const all = SCORERS.map(({ name, version, description, settings }) => ({
    name,
    version,
    description,
    settings: { ...settings },
  })).sort((left, right) => (left.name < right.name ? -1 : 1));
  const end = pageSize === 0 ? all.length : Math.min(all.length, offset + pageSize);
  return { scorers: all.slice(offset, end), nextPageToken: end < all.length ? String(end) : '' };
}
