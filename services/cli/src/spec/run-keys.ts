/** The keys of a run file, and what a checked one says. */
import { BENCHMARK_NAMES, PROMPT_STYLES, type BenchmarkName } from '@hone/benchmarks';
import type { EnvelopeKeys } from '@hone/contracts';
import { fileEnvelopeKeys, scorerEntry } from '@hone/recipes';
import { z } from 'zod';
import { isCheckpointName } from '../models/checkpoint-reference.ts';
import { difficulty, problems, type ProblemsOf } from './problem-parts.ts';
import type { Demonstrations } from './warm-up-files.ts';

/** With or without its collection, as much of the digest as tells it from others. */
const checkpointName = z
  .string()
  .refine(
    isCheckpointName,
    'must be a name of "hone checkpoints list" with at least 8 digits, MODEL@ALIAS or MODEL@VERSION',
  );

/** What is uploaded before the run is created; the server knows it by names. */
export const uploadKeys = {
  model: z.string().optional().describe('A model folder, a .gguf file, or org/name of the hub; this or checkpoint.'),
  checkpoint: checkpointName
    .optional()
    .describe('A checkpoint of "hone checkpoints list", MODEL@ALIAS or MODEL@VERSION.'),
  difficulty: difficulty.optional().describe('How hard generated problems are; for benchmark arithmetic only.'),
  prompt: z
    .enum(PROMPT_STYLES)
    .optional()
    .describe('How problems are put to the model; absent means as the paper does it.'),
  scorers: z
    .partialRecord(z.enum(BENCHMARK_NAMES), scorerEntry)
    .optional()
    .describe('Who judges, by benchmark: for files that share their scorers. Not beside scorer.'),
  train: problems.describe('Problems to sample on.'),
  validation: problems.optional().describe('Held-out problems by which checkpoints are chosen.'),
  test: problems.describe('Held-out problems on which every iteration is measured.'),
};

/** All keys but those of a recipe's settings. */
export const commonKeys = z.strictObject({
  ...uploadKeys,
  ...fileEnvelopeKeys,
  benchmark: z.enum(BENCHMARK_NAMES).optional().describe("Which benchmark; absent means the training problems'."),
});
export type Common = z.output<typeof commonKeys>;

/** A run file, and the folder that its paths are relative to. */
export type RunFile = Pick<Common, 'checkpoint' | 'model' | 'difficulty' | 'prompt' | 'scorer' | 'scorers' | 'seed'> & {
  readonly folder: string;
  readonly benchmark: BenchmarkName;
  readonly train: ProblemsOf;
  readonly validation?: ProblemsOf | undefined;
  readonly test: ProblemsOf;
  /** What it states of the spec's envelope, by the names of the contract. */
  readonly envelope: EnvelopeKeys;
  /** Settings of the recipe, as they are given: the orchestrator fills in the others. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Files of demonstrations that the warm-up names in place of datasets. */
  readonly demonstrations: Demonstrations;
};
