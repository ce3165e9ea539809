/**
 * Adds the problem's own solution as one more right completion, so that pair rules behind it choose it too: the gold chains that the paper
 * adds to the winners on GSM8K (arXiv 2404.19733, section 3.1). A problem whose samples are all wrong makes pairs by it. The trainer makes
 * tokens of its text, and computes its reference log-prob.
 */
import { z } from 'zod';
import { defineFilter } from '../parts/alone.ts';
import { solutionOf } from '../parts/solution.ts';

export const goldChains = defineFilter({
  name: 'gold-chains',
  version: 1,
  summary: "A filter: adds the problem's solution to the right completions.",
  source: 'Iterative Reasoning Preference Optimization, arXiv 2404.19733, section 3.1 (GSM8K)',
  needs: { verdicts: true, solutions: true },
  settings: z.strictObject({}),
  filter(problem) {
    const { completions, solution } = problem;
    if (solution === '') return { completions, dropped: { without_solution: 1 } };
    return { completions: [...completions, solutionOf(problem)], dropped: {} };
  },
});
