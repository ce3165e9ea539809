/** Pairs drawn evenly among all of a right over a wrong completion: the control for every rule that chooses. */
import { z } from 'zod';
import { drawInto } from '../parts/drawing.ts';
import { PairList } from '../parts/pair-list.ts';
import { perProblem, sideKeys, sidesOf } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

export const randomPairs = defineRule({
  name: 'random-pairs',
  version: 1,
  summary: 'Pairs drawn at random among all of a right over a wrong completion, each once.',
  source: 'the control for every rule that chooses',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({ per_problem: perProblem(10), ...sideKeys }),
  apply(problem, settings, seed) {
    const { winners, losers, dropped, random } = sidesOf(problem, settings, seed);
    const list = new PairList(settings.per_problem);
    const reaches = winners.map((winner) => ({ winner, losers: losers.length }));
    drawInto(list, reaches, losers, random);
    return list.outcome([...winners, ...losers], dropped);
  },
});
