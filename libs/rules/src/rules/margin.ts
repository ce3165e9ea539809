/**
 * Pairs whose scores differ by at least a margin, for scorers that grade from 0 to 1 (reward models, judges, shares of tests passed): a
 * small difference is noise of the scorer. Drawn evenly among all such pairs. With verdicts of 0 and 1 it is `random-pairs`.
 */
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { drawInto } from '../parts/drawing.ts';
import { PairList } from '../parts/pair-list.ts';
import { perProblem, sideKeys, usableOf, type Usable } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

/** How many of the losers, by rising score, score less by the margin. */
function below({ score }: Usable, losers: readonly Usable[], margin: number): number {
  let [low, high] = [0, losers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (score - losers[middle]!.score >= margin) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const margin = defineRule({
  name: 'margin',
  version: 1,
  summary: 'Pairs drawn at random among all whose scores differ by at least a margin; for graded scores.',
  source:
    'a least difference in reward between chosen and rejected; the margin of Llama 2, arXiv 2307.09288, section 3.2.2',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    per_problem: perProblem(10),
    least: z.number().gt(0).max(1).default(0.5).describe('Least difference of the scores, of 0 to 1, in a pair.'),
    ...sideKeys,
  }),
  apply(problem, settings, seed) {
    const { usable, dropped } = usableOf(problem, settings);
    const losers = [...usable].sort((one, other) => one.score - other.score);
    const winners = usable.filter(({ mayWin }) => mayWin);
    const reaches = winners.map((winner) => ({ winner, losers: below(winner, losers, settings.least) }));
    const list = new PairList(settings.per_problem);
    drawInto(list, reaches, losers, new Random(seedFor(seed, problem.id)));
    return list.outcome(usable, dropped);
  },
});
