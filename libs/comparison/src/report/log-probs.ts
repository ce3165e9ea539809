/** Mean log-probs of the fixed pairs under a checkpoint, beside those under M_0. */
import { meanOf } from '@hone/statistics';
import { iterationAt, type MeasuredIteration, type MeasuredRun, type PairLogProbs } from '../measured.ts';

const mean = (pairs: readonly PairLogProbs[], which: 'chosen' | 'rejected'): number =>
  meanOf(pairs.map((pair) => pair[which]));

/** Undefined where the run has no pairs, and of M_0 itself. */
export function logProbsOf(run: MeasuredRun, { iteration, pairs }: MeasuredIteration) {
  const before = iterationAt(run, 0)?.pairs ?? [];
  if (iteration === 0 || pairs.length === 0 || before.length === 0) return undefined;
  return {
    pairs: pairs.length,
    chosen: { before: mean(before, 'chosen'), after: mean(pairs, 'chosen') },
    rejected: { before: mean(before, 'rejected'), after: mean(pairs, 'rejected') },
  };
}
