/**
 * Highest over lowest by a score with the length taken off it, so that of equally good completions the shorter wins and the longer loses:
 * the length-regularised reward r - alpha * |y| (arXiv 2403.19159) in the choice of Self-Rewarding (arXiv 2401.10020, section 2.3). The penalty decides between completions of like score only: nothing is chosen over what scored as well or better.
 */
import { LIMITS } from '@hone/limits';
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { lengthsOf } from '../parts/lengths.ts';
import { PairList } from '../parts/pair-list.ts';
import { rankInto } from '../parts/ranking.ts';
import { perProblem, sideKeys, usableOf } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

export const maxMin = defineRule({
  name: 'max-min',
  version: 1,
  summary: 'Highest over lowest by score less a penalty for each token: short right completions over long wrong ones.',
  source: 'Self-Rewarding, arXiv 2401.10020, section 2.3, by the length-regularised reward of arXiv 2403.19159',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    per_problem: perProblem(1),
    length_penalty: z
      .number()
      .min(0)
      .max(LIMITS.coefficient)
      .default(0.001)
      .describe('What is taken off the score (0 to 1) for each token of a completion.'),
    ...sideKeys,
  }),
  apply(problem, settings, seed) {
    const { usable, dropped } = usableOf(problem, settings);
    const list = new PairList(settings.per_problem);
    const lengthOf = lengthsOf(usable);
    const valueOf = (one: (typeof usable)[number]): number => one.score - settings.length_penalty * lengthOf(one);
    rankInto(list, usable, valueOf, new Random(seedFor(seed, problem.id)));
    return list.outcome(usable, dropped);
  },
});
