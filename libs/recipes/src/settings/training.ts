/** How one training job goes over its data. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { withInitial } from './initial.ts';
import { advantageLossKeys, asLoss, lossKeys, nllReduction } from './loss.ts';
import { coefficient, positive, whole } from './numbers.ts';

/** A low-rank adapter. */
export const lora = z.strictObject({
  rank: whole(1, LIMITS.loraRank).describe('Rank of the update.'),
  alpha: positive(LIMITS.coefficient).default(16).describe('Scale of the update, which is divided by the rank.'),
  target_modules: z
    .array(z.string().max(LIMITS.nameChars))
    .max(LIMITS.loraModules)
    .default([])
    .describe('Modules that get one, by the last part of their names; empty means all projections.'),
});

/** A learning rate. */
export const learningRate = positive(LIMITS.learningRate);

/** Keys of every training. */
const trainingKeys = {
  learning_rate: learningRate
    .default(7e-7)
    .describe("Peak learning rate. The paper's is 7e-7, for 70 billion weights."),
  batch_size: whole(1, LIMITS.batchSize).default(16).describe('Pairs, examples or problems a step.'),
  epochs: whole(1, LIMITS.epochs).default(1).describe('Passes over the data; not read where max_steps is set.'),
  max_steps: whole(0, LIMITS.trainingSteps).default(0).describe('Exactly this many steps; 0 means by epochs.'),
  warmup_steps: whole(0, LIMITS.trainingSteps).default(0).describe('Steps over which the learning rate rises from 0.'),
  schedule: z
    .enum(['constant', 'linear', 'cosine'])
    .default('constant')
    .describe('Learning rate behind the warm-up: constant, or falling to 0.'),
  weight_decay: coefficient().default(0).describe('Decoupled weight decay of matrices (AdamW).'),
  max_grad_norm: coefficient().default(1).describe('Gradients are scaled down to this norm; 0 means no clipping.'),
  max_length: whole(0, LIMITS.tokens)
    .default(0)
    .describe("Longer records are dropped and counted, in tokens; 0 means the model's context."),
  recompute_activations: z
    .boolean()
    .default(false)
    .describe("Keep only each layer's input for the backward pass: less memory, about a third more time."),
  lora: lora.optional().describe('Train a low-rank adapter (LoRA) in place of all weights.'),
};

const stopWhenChosenFalls = z
  .boolean()
  .default(false)
  .describe('End with an error where the chosen completions get much less probable; else it warns.');

const preferenceKeys = z.strictObject({
  ...trainingKeys,
  batch_unit: z.enum(['pairs', 'problems']).default('pairs').describe('What batch_size counts.'),
  ...lossKeys,
  stop_when_chosen_falls: stopWhenChosenFalls,
});

const advantageKeys = z.strictObject({
  ...trainingKeys,
  ...advantageLossKeys,
  stop_when_chosen_falls: stopWhenChosenFalls,
});

/** Training on preference pairs, with defaults of a recipe's own. The settings of losses have those of their loss. */
export const preferenceTrainingWith = (initial: Partial<z.output<typeof preferenceKeys>>) =>
  asLoss(withInitial(preferenceKeys, initial));

/** Training on preference pairs. */
export const preferenceTraining = preferenceTrainingWith({});
export type PreferenceTraining = z.output<typeof preferenceTraining>;

/** Training on completions with advantages, with defaults of a recipe's own. */
export const advantageTrainingWith = (initial: Partial<z.output<typeof advantageKeys>>) =>
  asLoss(withInitial(advantageKeys, initial));

/** Training on completions with advantages. */
export const advantageTraining = advantageTrainingWith({});
export type AdvantageTraining = z.output<typeof advantageTraining>;

/** Training on examples: the NLL alone. */
export const exampleTraining = z.strictObject({
  ...trainingKeys,
  nll_reduction: nllReduction.default('TOKEN_MEAN'),
});
export type ExampleTraining = z.output<typeof exampleTraining>;

/** What a train step is told. */
export type TrainingSettings = PreferenceTraining | AdvantageTraining | ExampleTraining;
