/** What a person should know of a run that goes on. */
import type { Evaluation, RuleReport, SampleResult, TrainResponse, VerdictCounts } from '@hone/contracts';
import { findLoss, ownSettings } from '@hone/losses';
import type { TrainingSettings } from '@hone/recipes';

/** Above this share of cut-off completions the token limit decides more than the model does. */
const MANY_TRUNCATED = 0.2;
/** A fall of the chosen's summed log-prob by less than this, in nats, is noise. */
const CLEAR_FALL_NATS = 0.5;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Warnings about sampled completions. */
export function samplingWarnings({ samples, truncated }: SampleResult): string[] {
  if (truncated <= MANY_TRUNCATED * samples) return [];
  return [
    `${percent(truncated / samples)} of the completions were cut off at the token limit; they cannot win, and by default ` +
      'make no pairs: raise sampling.max_tokens',
  ];
}

/** Warnings about verdicts. */
export function scoringWarnings({ error }: VerdictCounts): string[] {
  return error > 0 ? [`the scorer failed on ${error} completions, which make no pairs`] : [];
}

/** Warnings about pairs. */
export function pairWarnings({ inexactLogProbs }: RuleReport): string[] {
  if (inexactLogProbs === 0) return [];
  return [
    `${inexactLogProbs} completions in pairs were sampled from rounded weights, or by an engine whose log-probs are not the trainer's: the ` +
      'trainer computes the reference log-probs again, which takes time',
  ];
}

/** What a reward is of a log-ratio to the reference; 0 where a training has none, or a loss that looks at no reference. */
function rewardScale(settings: TrainingSettings): number {
  const loss = 'preference' in settings ? findLoss(settings.preference) : undefined;
  if (!loss?.perPair || !loss.needs.reference) return 0;
  const { beta } = ownSettings(loss, settings);
  return typeof beta === 'number' ? beta : 1;
}

/**
 * Warnings about a preference training, the trainer's own first: a chosen that becomes less likely is how DPO without enough NLL
 * goes wrong.
 */
export function trainingWarnings({ last, warnings }: TrainResponse, settings: TrainingSettings): string[] {
  const beta = rewardScale(settings);
  const fallNats = beta > 0 ? -(last?.chosenReward ?? 0) / beta : 0;
  if (fallNats <= CLEAR_FALL_NATS) return warnings;
  return [
    ...warnings,
    `training made the chosen completions less likely: their log-prob ended ${fallNats.toFixed(2)} below the reference's. ` +
      'Lower training.learning_rate, or raise training.nll_alpha',
  ];
}

/** Warnings about an evaluation, against that of the parent. */
export function evaluationWarnings(now: Evaluation, before: Evaluation | undefined): string[] {
  if (!now.greedy || !before?.greedy || now.greedy.accuracy >= before.greedy.accuracy) return [];
  const clear = now.greedy.upper < before.greedy.lower ? 'clearly' : 'within the 95 % intervals';
  return [
    `greedy accuracy fell from ${percent(before.greedy.accuracy)} to ${percent(now.greedy.accuracy)} (${clear}): the parent ` +
      'may be the better checkpoint',
  ];
}
