/** How the best checkpoint of a run is chosen, and when to stop early. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from './numbers.ts';

export const select = z.strictObject({
  metric: z
    .enum(['greedy', 'majority'])
    .default('greedy')
    .describe('Which accuracy on the validation problems is compared; the evaluation must ask for it.'),
  patience: whole(0, LIMITS.iterations)
    .default(0)
    .describe('End the run after so many iterations in a row without a better checkpoint; 0 means never.'),
  min_improvement: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('By how much a checkpoint must exceed the best one to be better.'),
});
export type SelectSettings = z.output<typeof select>;
