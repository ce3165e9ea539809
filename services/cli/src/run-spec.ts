/** The parts of a run's spec that commands share. */
import {
  BatchUnit,
  CreateRunRequest,
  NllReduction,
  Schedule,
  type LoraSpec,
  type LossSpec,
  type PartialMessage,
  type TrainingSpec,
} from '@hone/contracts';

export type RunFields = NonNullable<PartialMessage<CreateRunRequest>['spec']>;
type TrainingFields = PartialMessage<TrainingSpec>;

/** What a person says of a training. */
export interface TrainingOptions {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly batchUnit?: 'pairs' | 'problems';
  readonly epochs?: number;
  readonly maxSteps?: number;
  readonly warmupSteps?: number;
  readonly schedule?: 'constant' | 'linear' | 'cosine';
  readonly weightDecay?: number;
  readonly maxGradNorm?: number;
  readonly maxLength?: number;
  readonly recomputeActivations?: boolean;
  readonly stopWhenChosenFalls?: boolean;
  readonly lora?: PartialMessage<LoraSpec> | undefined;
}

export const SCHEDULES = { constant: Schedule.CONSTANT, linear: Schedule.LINEAR, cosine: Schedule.COSINE };

function common(options: TrainingOptions): TrainingFields {
  return {
    optimizer: {
      learningRate: options.learningRate,
      weightDecay: options.weightDecay ?? 0,
      maxGradNorm: options.maxGradNorm ?? 1,
      warmupSteps: options.warmupSteps ?? 0,
      schedule: SCHEDULES[options.schedule ?? 'cosine'],
    },
    epochs: options.epochs ?? 1,
    maxSteps: options.maxSteps ?? 0,
    batchSize: options.batchSize,
    batchUnit: options.batchUnit === 'problems' ? BatchUnit.PROBLEMS : BatchUnit.PAIRS,
    maxLength: options.maxLength ?? 0,
    recomputeActivations: options.recomputeActivations ?? false,
    stopWhenChosenFalls: options.stopWhenChosenFalls ?? false,
    ...(options.lora && { lora: options.lora }),
  };
}

/** Training on preference pairs. */
export function preferenceTraining(
  options: TrainingOptions & { readonly loss: PartialMessage<LossSpec> },
): TrainingFields {
  return { ...common(options), loss: options.loss };
}

/** Supervised fine-tuning: the mean over the batch's tokens. */
export function demonstrationTraining(options: TrainingOptions): TrainingFields {
  return { ...common(options), loss: { version: 1, nllReduction: NllReduction.TOKEN_MEAN } };
}
