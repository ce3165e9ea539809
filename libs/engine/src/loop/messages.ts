/** Settings of recipes as the contracts' messages. */
import {
  BatchUnit,
  EvaluationSpec,
  LossSpec,
  NllReduction,
  SamplingParams,
  Schedule,
  TrainingSpec,
  WeightPrecision,
  type PartialMessage,
} from '@hone/contracts';
import { findLoss, ownSettings } from '@hone/losses';
import type {
  AdvantageTraining,
  EvaluationSettings,
  LossSettings,
  PreferenceTraining,
  SamplingSettings,
  TrainingSettings,
} from '@hone/recipes';

/** How completions are drawn. */
export function samplingParams(settings: SamplingSettings): SamplingParams {
  const { temperature, top_k: topK, top_p: topP, max_tokens: maxTokens, stop, stop_token_ids: stopTokenIds } = settings;
  const weightPrecision = settings.weights === 'int8' ? WeightPrecision.INT8 : WeightPrecision.FP32;
  return SamplingParams.fromPartial({ temperature, topK, topP, maxTokens, stop, stopTokenIds, weightPrecision });
}

const REDUCTIONS: Readonly<Record<LossSettings['nll_reduction'], NllReduction>> = {
  SEQUENCE_MEAN: NllReduction.SEQUENCE_MEAN,
  TOKEN_MEAN: NllReduction.TOKEN_MEAN,
  SEQUENCE_SUM: NllReduction.SEQUENCE_SUM,
};
const SCHEDULES: Readonly<Record<TrainingSettings['schedule'], Schedule>> = {
  constant: Schedule.CONSTANT,
  linear: Schedule.LINEAR,
  cosine: Schedule.COSINE,
};
const LOSS_VERSION = 1;

/** A preference loss. */
export function lossSpec(settings: LossSettings): LossSpec {
  const of = findLoss(settings.preference)!;
  return {
    version: LOSS_VERSION,
    preference: of.name,
    settings: ownSettings(of, settings),
    nllAlpha: settings.nll_alpha,
    nllReduction: REDUCTIONS[settings.nll_reduction],
  };
}

type LossTraining = PreferenceTraining | AdvantageTraining;

const hasLoss = (settings: TrainingSettings): settings is LossTraining => 'preference' in settings;

/** What only trainings with a loss beside the NLL say. */
function ofLoss(settings: LossTraining): PartialMessage<TrainingSpec> {
  const byProblem = 'batch_unit' in settings && settings.batch_unit === 'problems';
  const batchUnit = byProblem ? BatchUnit.PROBLEMS : BatchUnit.PAIRS;
  return { loss: lossSpec(settings), batchUnit, stopWhenChosenFalls: settings.stop_when_chosen_falls };
}

/** How a training goes over its data. */
export function trainingSpec(settings: TrainingSettings): TrainingSpec {
  const { lora } = settings;
  return TrainingSpec.fromPartial({
    loss: { version: LOSS_VERSION, nllReduction: REDUCTIONS[settings.nll_reduction] },
    optimizer: {
      learningRate: settings.learning_rate,
      weightDecay: settings.weight_decay,
      maxGradNorm: settings.max_grad_norm,
      warmupSteps: settings.warmup_steps,
      schedule: SCHEDULES[settings.schedule],
    },
    epochs: settings.epochs,
    maxSteps: settings.max_steps,
    batchSize: settings.batch_size,
    batchUnit: BatchUnit.PAIRS,
    maxLength: settings.max_length,
    recomputeActivations: settings.recompute_activations,
    ...(lora && { lora: { rank: lora.rank, alpha: lora.alpha, targetModules: lora.target_modules } }),
    ...(hasLoss(settings) && ofLoss(settings)),
  });
}

/** What is measured. */
export function evaluationSpec(settings: EvaluationSettings): EvaluationSpec {
  const { greedy, max_tokens: maxTokens, majority_k: k, majority_temperature: temperature, stop = [] } = settings;
  const majority = { k, sampling: { temperature } };
  return EvaluationSpec.fromPartial({ greedy, maxTokens, stop: [...stop], ...(k > 0 && { majority }) });
}
