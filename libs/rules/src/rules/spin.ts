/**
 * Self-play fine-tuning (SPIN, arXiv 2401.01335, algorithm 1): the problem's solution is chosen over what the model says itself, right or
 * wrong. No scorer is needed.
 */
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { identityOf, perProblem, sideKeys } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

export const spin = defineRule({
  name: 'spin',
  version: 1,
  summary: "The problem's solution over samples of the model, whatever they answer; needs no verdicts.",
  source: 'Self-Play Fine-Tuning (SPIN), arXiv 2401.01335, algorithm 1',
  produces: 'pairs',
  needs: { verdicts: false, completions: true, solutions: true },
  settings: z.strictObject({
    per_problem: perProblem(1, 'Most pairs a problem, each over another sample.'),
    truncated_lose: sideKeys.truncated_lose.describe('Whether samples that were cut off may be rejected.'),
  }),
  apply({ id, completions, solution }, { per_problem, truncated_lose }, seed) {
    if (solution === '') return { pairs: [], dropped: { without_solution: 1 }, skipped: 'empty' };
    const whole = completions.flatMap((one, position) => (one.truncated && !truncated_lose ? [] : [position]));
    const distinct = new Map(whole.toReversed().map((position) => [identityOf(completions[position]!), position]));
    const samples = [...distinct.values()].toSorted((one, other) => one - other);
    const losers = samples.filter((position) => completions[position]!.text !== solution);
    const drawn = new Random(seedFor(seed, id)).shuffle(losers).slice(0, per_problem);
    const dropped = {
      truncated: completions.length - whole.length,
      duplicates: whole.length - samples.length,
      ties: samples.length - losers.length,
    };
    const pairs = drawn.map((rejected) => ({ chosen: 'solution' as const, rejected }));
    return pairs.length > 0 ? { pairs, dropped } : { pairs, dropped, skipped: 'empty' };
  },
});
