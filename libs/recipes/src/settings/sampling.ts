/** How completions are drawn. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import type { CurriculumSettings } from './curriculum.ts';
import { whole } from './numbers.ts';

export const stop = z.array(z.string().min(1).max(LIMITS.stopTextChars)).max(LIMITS.stopTexts);

/** Softmax temperature above 0. */
export const temperature = z.number().min(1e-3).max(LIMITS.temperature);

export const sampling = z.strictObject({
  temperature: temperature
    .default(0.8)
    .describe("Softmax temperature; above 0, or all samples of a problem are the same. IRPO's is 0.8."),
  top_k: whole(0, LIMITS.tokens).default(0).describe('Keep only the k most probable tokens; 0 keeps all.'),
  top_p: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Keep the smallest set of most probable tokens whose probability reaches this.'),
  max_tokens: whole(0, LIMITS.tokens)
    .default(0)
    .describe("Most tokens of a completion; 0 means 512, or half of the model's context where that is less."),
  stop: stop.default([]).describe('Texts that end a completion where they first appear in it.'),
  stop_token_ids: z
    .array(whole(0, 2 ** 31 - 1))
    .max(LIMITS.stopTokenIds)
    .default([])
    .describe('Tokens that end a completion, as end-of-sequence tokens do.'),
  weights: z
    .enum(['fp32', 'int8'])
    .default('fp32')
    .describe(
      "Precision of the weights in sampling; int8 is faster where few samples run together. The trainer's reference stays fp32.",
    ),
});
export type SamplingSettings = z.output<typeof sampling>;

/** Completions a problem: at least two where they are compared with each other. */
export const samplesPerProblem = (least: 1 | 2, initial: number) =>
  whole(least, LIMITS.samplesPerProblem)
    .default(initial)
    .describe("Completions a problem (N; IRPO's is 30 for GSM8K).");

/** Keys of every recipe that samples. */
export const sampleKeys = {
  problems_per_iteration: whole(0, 2 ** 31 - 1)
    .default(0)
    .describe('Problems drawn for each iteration; 0 means all.'),
  samples_per_problem: samplesPerProblem(2, 30),
  sampling: sampling.prefault({}).describe('How completions are drawn.'),
};

/** What a sample step is told. */
export interface SampleSettings {
  readonly problems_per_iteration: number;
  readonly samples_per_problem: number;
  readonly sampling: SamplingSettings;
  readonly curriculum?: CurriculumSettings | undefined;
}
