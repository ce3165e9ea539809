/**
 * Supervised fine-tuning on the solutions that come with the problems: the baseline that self-training is measured against (SFT on
 * gold chains of thought in arXiv 2404.19733, table 1).
 */
import { z } from 'zod';
import { defineRule } from '../rule.ts';

export const goldSolutions = defineRule({
  name: 'gold-solutions',
  version: 1,
  summary: "Every problem's own worked solution, as an example; needs no samples.",
  source: 'supervised fine-tuning on gold chains of thought: the SFT baseline of arXiv 2404.19733, table 1',
  produces: 'examples',
  needs: { verdicts: false, solutions: true },
  settings: z.strictObject({}),
  apply({ solution }) {
    if (solution !== '') return { examples: ['solution'], dropped: {} };
    return { examples: [], dropped: { without_solution: 1 }, skipped: 'empty' };
  },
});
