/** What people are asked of a model's samples. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from './numbers.ts';

export const feedback = z.strictObject({
  comparisons_per_problem: whole(1, LIMITS.comparisonsPerProblem)
    .default(1)
    .describe(
      'Most comparisons of a problem: pairs of its different completions, drawn by the seed, each completion in as few as can be.',
    ),
  annotators_per_item: whole(1, LIMITS.annotatorsPerItem)
    .default(1)
    .describe('People who judge each comparison; an odd number leaves fewer without a majority.'),
  skips_to_drop: whole(1, LIMITS.annotatorsPerItem)
    .default(1)
    .describe('A comparison that so many people skip is asked no more; what others said of it counts.'),
  enough: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Share of the comparisons that must be finished before the run goes on; the others are withdrawn then.'),
});
export type FeedbackSettings = z.output<typeof feedback>;
