/** The contract's words for a training job in those of the library. */
import { NllReduction, Schedule, type LossSpec, type OptimizerSpec, type StepMetrics } from '@hone/contracts';
import { chooseLoss } from '@hone/losses';
import type { DemonstrationLoss, OptimizerOptions, PreferenceLoss, StepMetrics as MeasuredStep } from '@hone/training';

const NLL_REDUCTIONS: Readonly<Record<NllReduction, DemonstrationLoss['nllReduction']>> = {
  [NllReduction.UNSPECIFIED]: 'SEQUENCE_MEAN',
  [NllReduction.SEQUENCE_MEAN]: 'SEQUENCE_MEAN',
  [NllReduction.TOKEN_MEAN]: 'TOKEN_MEAN',
  [NllReduction.SEQUENCE_SUM]: 'SEQUENCE_SUM',
};

const SCHEDULES: Readonly<Record<Schedule, OptimizerOptions['schedule']>> = {
  [Schedule.UNSPECIFIED]: 'constant',
  [Schedule.CONSTANT]: 'constant',
  [Schedule.LINEAR]: 'linear',
  [Schedule.COSINE]: 'cosine',
};

/** The loss over demonstrations. */
export function demonstrationLoss({ nllReduction }: LossSpec): DemonstrationLoss {
  return { nllReduction: NLL_REDUCTIONS[nllReduction] };
}

/** The loss over preference groups. */
export function preferenceLoss({ preference, settings, nllReduction, nllAlpha }: LossSpec): PreferenceLoss {
  const chosen = chooseLoss(preference, settings, 'spec.loss');
  return { ...chosen, nllAlpha, nllReduction: NLL_REDUCTIONS[nllReduction] };
}

/** The optimiser; a 0 where the contract says so is its default. */
export function optimizerOptions(spec: OptimizerSpec): OptimizerOptions {
  const { learningRate, weightDecay, maxGradNorm, warmupSteps } = spec;
  return {
    learningRate,
    beta1: spec.beta1 || 0.9,
    beta2: spec.beta2 || 0.999,
    epsilon: spec.epsilon || 1e-8,
    weightDecay,
    maxGradNorm,
    warmupSteps,
    schedule: SCHEDULES[spec.schedule],
  };
}

/** A step's metrics for the wire. */
export function stepMetrics({ totalSteps: _, tokens, ...measured }: MeasuredStep): StepMetrics {
  return { ...measured, tokens: BigInt(tokens) };
}
