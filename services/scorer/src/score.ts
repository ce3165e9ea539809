import { setImmediate } from 'node:timers/promises';
import { ScoreResponse, type ScoreRequest } from '@hone/contracts';
import { invalidArgument, throwIfAborted } from '@hone/errors';
import { getScorer } from '@hone/grading';
import { measureUsage, type CallContext } from '@hone/rpc';
import { verdictOf } from './convert.ts';

const MAX_ITEMS = 1000;
/** After so many items other calls get their turn. */
const ITEMS_PER_TURN = 100;

/** The RPC that judges a batch of completions. */
export async function score({ scorer: name, items }: ScoreRequest, { signal }: CallContext): Promise<ScoreResponse> {
  const scorer = getScorer(name);
  if (items.length < 1 || items.length > MAX_ITEMS) {
    throw invalidArgument('items', `must be 1 to ${MAX_ITEMS} items, but are ${items.length}`);
  }
  const usage = measureUsage();
  const response = ScoreResponse.fromPartial({});
  for (const item of items) {
    if (response.verdicts.length % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) await setImmediate();
    throwIfAborted(signal);
    response.verdicts.push(verdictOf(scorer, item));
  }
  return { ...response, usage: usage() };
}
