import type { MajorityResult, Proportion } from '@hone/contracts';
import { majorityAccuracy, proportion, type Vote } from '@hone/statistics';
import type { Outcome, Tally } from './tally.ts';

/** Share of problems whose one greedy completion is right. */
export function greedyAccuracy(tally: Tally): Proportion {
  const measured = tally.measured().flat();
  return proportion(countRight(measured), measured.length);
}

/** maj@k: share of problems whose majority answer is right, beside the accuracy of single votes. */
export function majorityResult(tally: Tally, k: number): MajorityResult {
  const measured = tally.measured();
  const expectedRight = measured.reduce((sum, outcomes) => sum + majorityAccuracy(outcomes.map(voteOf)), 0);
  const votes = measured.flat();
  return {
    k,
    accuracy: proportion(expectedRight, measured.length),
    sampleAccuracy: countRight(votes) / votes.length,
    completions: tally.counts,
  };
}

function countRight(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome.right).length;
}

/** Only an answer that the scorer could read votes. */
function voteOf({ answer, right }: Outcome): Vote {
  return { answer: answer === '' ? null : answer, right };
}
