/** Losses, batches, the optimiser and the training loop. */
export { AdamW, clipFactor, gradientNorm } from './adamw.ts';
export { exampleParts, preferenceParts, type BatchPart, type Row } from './batch.ts';
export { initializeWeights } from './initialize-weights.ts';
export { learningRateAt } from './schedule.ts';
export { StepRunner } from './step-runner.ts';
export { trainOnDemonstrations, trainOnPreferences } from './train.ts';
export type { DemonstrationTrainingOptions, PreferenceTrainingOptions } from './train.ts';
export type {
  DemonstrationLoss,
  Example,
  NllReduction,
  OptimizerOptions,
  PreferenceGroup,
  PreferenceLoss,
  StepMetrics,
  TrainingCompletion,
} from './types.ts';
