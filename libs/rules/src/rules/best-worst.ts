/**
 * The best over the worst by score, as Self-Rewarding Language Models pair what the model judged itself (arXiv 2401.10020, section 2.3:
 * the highest over the lowest; a problem whose scores are all the same makes no pair). With graded scores, 0 to 1, the best need not be
 * right. `per_problem` above 1 goes on with the second best over the second worst, while the one is better than the other.
 */
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { PairList } from '../parts/pair-list.ts';
import { rankInto } from '../parts/ranking.ts';
import { perProblem, sideKeys, usableOf } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

export const bestWorst = defineRule({
  name: 'best-worst',
  version: 1,
  summary: 'The completion of the highest score over that of the lowest, the second over the second lowest, and so on.',
  source: 'Self-Rewarding Language Models, arXiv 2401.10020, section 2.3',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({ per_problem: perProblem(1), ...sideKeys }),
  apply(problem, settings, seed) {
    const { usable, dropped } = usableOf(problem, settings);
    const list = new PairList(settings.per_problem);
    rankInto(list, usable, ({ score }) => score, new Random(seedFor(seed, problem.id)));
    return list.outcome(usable, dropped);
  },
});
