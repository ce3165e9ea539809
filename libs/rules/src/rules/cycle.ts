/**
 * The paper's rule (arXiv 2404.19733, section 2): pairs are formed by going over winners and losers at the same time, starting
 * a side over when it is exhausted, until there are K. Where the cycles meet a combination again, the losers are shifted by
 * one, so that no pair occurs twice; two completions of the same text make no pair.
 */
import { z } from 'zod';
import { cycleThrough } from '../parts/cycling.ts';
import { PairList } from '../parts/pair-list.ts';
import { perProblem, sideKeys, sidesOf } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

export const cycle = defineRule({
  name: 'cycle',
  version: 1,
  summary: 'Right completions over wrong ones, both gone over in a seeded order until there are K pairs of a problem.',
  source: 'Iterative Reasoning Preference Optimization, arXiv 2404.19733, section 2',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({ per_problem: perProblem(10, "Most pairs a problem: the paper's K."), ...sideKeys }),
  apply(problem, settings, seed) {
    const { winners, losers, dropped } = sidesOf(problem, settings, seed);
    const list = new PairList(settings.per_problem);
    cycleThrough(list, winners, losers);
    return list.outcome([...winners, ...losers], dropped);
  },
});
