/**
 * Hard negatives: the wrong completions that the policy finds most likely are rejected first, for these are the mistakes that it makes.
 * Losers stand by falling log-prob under the policy that sampled them and are gone over with the winners as by `cycle`. The log-prob of a
 * whole completion is what the policy draws by, and prefers short ones; that per token does not.
 */
import { z } from 'zod';
import { cycleThrough } from '../parts/cycling.ts';
import { PairList } from '../parts/pair-list.ts';
import { perProblem, sideKeys, sidesOf, type Usable } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

function likelihoodOf({ completion: { logProb, tokenIds } }: Usable, by: 'sum' | 'per_token'): number {
  return by === 'sum' ? logProb! : logProb! / tokenIds.length;
}

export const hardestNegatives = defineRule({
  name: 'hardest-negatives',
  version: 1,
  summary: 'Right completions over the wrong ones that the policy finds most likely.',
  source: 'hard negative mining, arXiv 1503.03832, section 3.2, by the likelihood of the policy that sampled',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    per_problem: perProblem(4),
    log_prob: z
      .enum(['sum', 'per_token'])
      .default('sum')
      .describe('What makes a wrong completion hard: the log-prob of all its tokens, or the mean of one token.'),
    ...sideKeys,
  }),
  apply(problem, settings, seed) {
    const { winners, losers, dropped } = sidesOf(problem, settings, seed);
    const known = losers.filter(({ completion }) => completion.logProb !== undefined);
    const hardest = known.sort(
      (one, other) => likelihoodOf(other, settings.log_prob) - likelihoodOf(one, settings.log_prob),
    );
    const list = new PairList(settings.per_problem);
    cycleThrough(list, winners, hardest);
    const unknown = losers.length - known.length;
    return list.outcome([...winners, ...losers], { ...dropped, without_log_probs: unknown });
  },
});
