import type { ListRulesRequest, ListRulesResponse } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { RULES } from '@hone/rules';
import { ruleMessage } from './convert.ts';

/** The RPC that lists the rules of this server; a page's token is the number of those before it. */
export async function listRules({ pageSize, pageToken }: ListRulesRequest): Promise<ListRulesResponse> {
  const offset = pageToken === '' ? 0 : Number(pageToken);
  if (!Number.isInteger(offset) || offset < 0 || offset > RULES.length) {
    throw invalidArgument('page_token', 'is not one this server gave');
  }
  if (pageSize < 0) throw invalidArgument('page_size', `must be at least 0, but is ${pageSize}`);
  const end = pageSize === 0 ? RULES.length : Math.min(RULES.length, offset + pageSize);
  const rules = RULES.slice(offset, end).map(ruleMessage);
  return { rules, nextPageToken: end < RULES.length ? String(end) : '' };
}
