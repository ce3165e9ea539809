/**
 * How much better a completion is than the others of its problem: the advantage of GRPO with rewards of whole completions (DeepSeekMath,
 * arXiv 2402.03300, section 4.1.2), the reward less the group's mean, over its standard deviation. A problem whose rewards are all the same
 * gives nothing: its advantages would all be 0.
 */
import { meanOf } from '@hone/statistics';
import { z } from 'zod';
import { defineRule, type Advantage, type JudgedCompletion } from '../rule.ts';

const settings = z.strictObject({
  scale: z
    .enum(['std', 'none'])
    .default('std')
    .describe(
      'Whether advantages are divided by the standard deviation of the rewards; Dr. GRPO (arXiv 2503.20783) does not.',
    ),
  truncated: z
    .enum(['lose', 'drop'])
    .default('lose')
    .describe('Completions that were cut off: their reward is 0, or they are dropped.'),
});

/** Added to the deviation, as TRL does. */
const LEAST_DEVIATION = 1e-4;

/** 0 to 1, and 0 where no answer was read; undefined where the scorer failed, or what was cut off is dropped. */
function rewardOf({ state, score, truncated }: JudgedCompletion, cutOff: 'lose' | 'drop'): number | undefined {
  if (state === 'ERROR' || state === 'UNJUDGED') return undefined;
  if (truncated || state === 'TRUNCATED') return cutOff === 'lose' ? 0 : undefined;
  return state === 'SCORED' ? score : 0;
}

/** The sample's: divided by one less than its size. */
function deviationOf(rewards: readonly number[], mean: number): number {
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  return Math.sqrt(squares / (rewards.length - 1));
}

export const groupAdvantages = defineRule({
  name: 'group-advantages',
  version: 1,
  summary: 'Every completion with its reward less the mean of its problem, over their standard deviation.',
  source: 'GRPO: DeepSeekMath, arXiv 2402.03300, section 4.1.2',
  produces: 'advantages',
  needs: { verdicts: true, solutions: false },
  settings,
  apply({ completions }, { scale, truncated }) {
    const rewards = completions.map((completion) => rewardOf(completion, truncated));
    const known = rewards.filter((reward) => reward !== undefined);
    const isCutOff = (one: JudgedCompletion): boolean => one.truncated || one.state === 'TRUNCATED';
    const errors = completions.filter(({ state }) => state === 'ERROR' || state === 'UNJUDGED').length;
    const dropped = {
      truncated: truncated === 'drop' ? completions.filter((one) => one.state !== 'ERROR' && isCutOff(one)).length : 0,
      errors,
    };
    if (known.length === 0) return { dropped, skipped: 'empty' };
    if (known.every((reward) => reward === known[0]))
      return { dropped, skipped: known[0]! >= 1 ? 'all right' : 'all wrong' };
    const mean = meanOf(known);
    const divisor = scale === 'std' ? deviationOf(known, mean) + LEAST_DEVIATION : 1;
    const advantages: Advantage[] = rewards.flatMap((reward, completion) =>
      reward === undefined ? [] : [{ completion, advantage: (reward - mean) / divisor }],
    );
    return { advantages, dropped };
  },
});
