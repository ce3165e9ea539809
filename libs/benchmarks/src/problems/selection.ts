/** Held-out problems: for choosing among checkpoints without looking at the test set. */
import { createHash } from 'node:crypto';
import { invalidArgument } from '@hone/errors';
import type { Problem } from './problem.ts';

/** Which part of a set is meant, where a part of it is held out (arXiv 2404.19733 holds out 1,000 training problems). */
export interface Selection {
  /** How many problems are held out, at least 1. */
  readonly count: number;
  readonly seed: bigint;
  /** `held-out`: those; `rest`: the others. */
  readonly part: 'held-out' | 'rest';
}

/** A problem's rank by its question: neither the order of the file nor a repeated problem makes a difference. */
function rankOf(seed: bigint, question: string): string {
  const text = question.replace(/\s+/g, ' ').trim();
  return createHash('sha256').update(`selection\0${seed}\0${text}`).digest('hex').slice(0, 24);
}

/**
 * The problems of one part, in their order. `problems` is called twice: the held-out ones are those of the lowest ranks, and problems
 * with the same question are on the same side, so that a few more than `count` may be held out.
 */
export async function* selectPart(
  problems: () => AsyncIterable<Problem>,
  { count, seed, part }: Selection,
): AsyncGenerator<Problem> {
  if (!Number.isInteger(count) || count < 1)
    throw invalidArgument('selection.count', `must be a whole number of at least 1, but is ${count}`);
  if (part !== 'held-out' && part !== 'rest')
    throw invalidArgument('selection.part', `must be held-out or rest, but is "${String(part)}"`);
  const ranks: string[] = [];
  for await (const { question } of problems()) ranks.push(rankOf(seed, question));
  if (count >= ranks.length)
    throw invalidArgument('selection.count', `must be below the ${ranks.length} problems there are, but is ${count}`);
  const last = ranks.sort()[count - 1]!;
  for await (const problem of problems()) {
    const heldOut = rankOf(seed, problem.question) <= last;
    if (heldOut === (part === 'held-out')) yield problem;
  }
}
