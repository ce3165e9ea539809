/** Made-up results for tests. */
import { proportion } from '@hone/statistics';
import type { MeasuredIteration, MeasuredRun, PairLogProbs } from './measured.ts';

export interface MadeUp {
  /** Right ones of the test problems, counted from the first, one number an iteration from 0 on. */
  readonly right: readonly number[];
  readonly problems?: number;
  /** Votes of each problem of the last iteration: how many of its samples are right, in all 4. */
  readonly votes?: (problem: number) => number;
  /** Mean log-probs of five pairs, one value an iteration. */
  readonly chosen?: readonly number[];
  readonly rejected?: readonly number[];
}

const VOTES = 4;
const WIGGLE = 0.01;

/** Five pairs whose log-probs lie around the given ones. */
const pairsAround = (chosen: number, rejected: number): PairLogProbs[] =>
  [-2, -1, 0, 1, 2].map((step) => ({
    problem: `pair ${step}`,
    chosen: chosen + WIGGLE * step,
    rejected: rejected + WIGGLE * step,
  }));

function iterationOf(iteration: number, made: MadeUp): MeasuredIteration {
  const { right, problems = 100, votes, chosen, rejected } = made;
  const count = right[iteration]!;
  const greedy = proportion(count, problems);
  const isLast = iteration === right.length - 1;
  const votesOf = (problem: number) =>
    votes && isLast
      ? Array.from({ length: VOTES }, (_, vote) => {
          const isRight = vote < votes(problem);
          return { answer: isRight ? 'right' : 'wrong', right: isRight };
        })
      : [];
  return {
    iteration,
    checkpoint: `checkpoints/${iteration}`,
    greedy,
    majority: votes && isLast ? { k: VOTES, ...greedy } : undefined,
    outcomes: Array.from({ length: problems }, (_, problem) => ({
      id: String(problem),
      greedy: problem < count,
      votes: votesOf(problem),
    })),
    tokens: { sampled: 1_000 * iteration, trained: 2_000 * iteration },
    pairs: chosen && rejected ? pairsAround(chosen[iteration]!, rejected[iteration]!) : [],
  };
}

/** A run that succeeded. */
export const madeUpRun = (method: string, seed: number, made: MadeUp): MeasuredRun => ({
  ...{ method, seed, run: `runs/${method}-${seed}`, end: 'succeeded', error: '' },
  iterations: made.right.map((_, iteration) => iterationOf(iteration, made)),
});
