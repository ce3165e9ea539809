import type { ScorerRef } from '@hone/contracts';
import { checkReach } from './check-reach.ts';
import { CombinedJudge } from './combined-judge.ts';
import type { Judge, JudgeOptions } from './judge.ts';
import { OneScorer } from './one-scorer.ts';

/** The scorer, or several, that a checked reference names. */
export function openJudge(ref: ScorerRef, options: JudgeOptions): Judge {
  if (options.reach) checkReach(ref, 'scorer', options.reach);
  if (!ref.combination) return new OneScorer(ref, options);
  return new CombinedJudge(ref, ref.combination, options);
}
