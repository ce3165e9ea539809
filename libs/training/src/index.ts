/** Losses, batches, the optimiser and the training loop. */
export { readAdapter, writeAdapterFiles } from './adapters/adapter-files.ts';
export { AdamW, clipFactor, gradientNorm } from './optimizer/adamw.ts';
export { exampleParts, preferenceParts, type BatchPart, type Row } from './data/batch.ts';
export type { TrainingWarning } from './chosen-watch.ts';
export { initializeWeights } from './adapters/initialize-weights.ts';
export { initializeAdapter, mergeAdapter, type LoraAdapter, type LoraOptions } from './adapters/lora.ts';
export type { LogProbGap } from './log-prob-gap.ts';
export { learningRateAt } from './optimizer/schedule.ts';
export { StepRunner, type Model } from './step-runner.ts';
export { trainOnDemonstrations, trainOnPreferences } from './train.ts';
export type { DemonstrationTrainingOptions, PreferenceTrainingOptions } from './train.ts';
export type { SaveState, TrainingState } from './training-state.ts';
export type {
  DemonstrationLoss,
  Example,
  Label,
  NllReduction,
  OptimizerOptions,
  PreferenceGroup,
  PreferenceLoss,
  PreferenceTerm,
  Source,
  StepMetrics,
  TrainingCompletion,
} from './types.ts';
