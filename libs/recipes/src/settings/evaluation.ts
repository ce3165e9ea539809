/** What is measured of a model. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from './numbers.ts';
import { temperature } from './sampling.ts';

export const evaluation = z.strictObject({
  greedy: z.boolean().default(true).describe('Measure the accuracy of greedy decoding.'),
  max_tokens: whole(0, LIMITS.tokens).default(0).describe('Most tokens of a completion; 0 means those of sampling.'),
  majority_k: whole(0, LIMITS.samplesPerProblem)
    .default(0)
    .describe("Measure majority voting over this many samples (maj@k; the paper's is 32); 0 means not."),
  majority_temperature: temperature.default(0.8).describe("Temperature of the votes. The paper's is 0.8."),
});
export type EvaluationSettings = z.output<typeof evaluation> & {
  /** Texts that end a completion. */
  readonly stop?: readonly string[];
};
