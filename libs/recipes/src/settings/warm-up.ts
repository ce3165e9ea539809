/** Supervised fine-tuning that makes M_0 from the base. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from './numbers.ts';
import { exampleTraining } from './training.ts';

const stage = z.strictObject({
  dataset: z
    .string()
    .regex(/^datasets\/[0-9a-f]{64}$/, 'must be a name "datasets/{64 hexadecimal digits}"')
    .describe('Examples that were uploaded, "datasets/{sha256}".'),
  training: exampleTraining.prefault({}).describe('How to train on them.'),
  target_accuracy: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Repeat the stage until greedy accuracy on the validation problems reaches this; 0 means train once.'),
  max_rounds: whole(0, LIMITS.warmUpRounds)
    .default(0)
    .describe('Most repetitions; 0 is read as 1. A target not reached by then fails the run.'),
});
export const warmUp = z.array(stage).max(LIMITS.warmUpStages);
export type WarmUpStage = z.output<typeof stage>;
