/** The contract's words for a training job in those of the library. */
import {
  NllReduction,
  PreferenceTerm,
  Schedule,
  type LossSpec,
  type OptimizerSpec,
  type StepMetrics,
} from '@hone/contracts';
import type { DemonstrationLoss, OptimizerOptions, PreferenceLoss, StepMetrics as MeasuredStep } from '@hone/training';

const NLL_REDUCTIONS: Readonly<Record<NllReduction, DemonstrationLoss['nllReduction']>> = {
  [NllReduction.UNSPECIFIED]: 'SEQUENCE_MEAN',
  [NllReduction.SEQUENCE_MEAN]: 'SEQUENCE_MEAN',
  [NllReduction.TOKEN_MEAN]: 'TOKEN_MEAN',
  [NllReduction.SEQUENCE_SUM]: 'SEQUENCE_SUM',
};

const PREFERENCES: Readonly<Record<PreferenceTerm, PreferenceLoss['preference']>> = {
  [PreferenceTerm.UNSPECIFIED]: 'none',
  [PreferenceTerm.SIGMOID]: 'sigmoid',
  [PreferenceTerm.IPO]: 'ipo',
  [PreferenceTerm.IPO_SUM]: 'ipo_sum',
  [PreferenceTerm.HINGE]: 'hinge',
  [PreferenceTerm.ROBUST]: 'robust',
  [PreferenceTerm.SIGMOID_NORM]: 'sigmoid_norm',
  [PreferenceTerm.NONE]: 'none',
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
export function preferenceLoss({ preference, nllReduction, beta, labelSmoothing, nllAlpha }: LossSpec): PreferenceLoss {
  return {
    preference: PREFERENCES[preference],
    beta,
    labelSmoothing,
    nllAlpha,
    nllReduction: NLL_REDUCTIONS[nllReduction],
  };
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
