/** What a person should know of a run that goes on. */
import type {
  Evaluation,
  FeedbackResult,
  RuleReport,
  SampleResult,
  ScoreResult,
  TrainResponse,
  WriteResult,
} from '@hone/contracts';
import { findLoss, ownSettings } from '@hone/losses';
import type { TrainingSettings } from '@hone/recipes';
import { whatToChange } from './no-pairs.ts';

/** Above this share of cut-off completions the token limit decides more than the model does. */
const MANY_TRUNCATED = 0.2;
/** Above this share of completions without a readable answer the form decides more than the answer does. */
const MANY_UNSCORABLE = 0.2;
/** A mean length that changes by more than this factor from one iteration to the next is no noise. */
const LENGTH_FACTOR = 1.5;
/** Below this share of problems that give pairs most of the sampling is for nothing. */
const FEW_USED = 0.1;
/** A mean difference of a token's log-probs, in nats, above which what is drawn is another model's. */
const WIDE_GAP_NATS = 0.1;
/** With fewer steps the last tenth is one step, whose margin is of few pairs, and from before its update. */
const STEPS_TO_JUDGE = 10;
/** A fall of the chosen's summed log-prob by less than this, in nats, is noise. */
const CLEAR_FALL_NATS = 0.5;

/** Above this share of comparisons that people skip, something is wrong with what they are shown. */
const MANY_SKIPPED = 0.2;
/** Fewer comparisons that several people judged say little of whether they agree. */
const COMPARISONS_TO_JUDGE = 20;
/** "The lowest conceivable limit" of alpha for tentative conclusions (K. Krippendorff, Content Analysis, 2004, p. 241). */
const LEAST_ALPHA = 0.667;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A warning where there is one to give. */
const when = (holds: boolean, warning: () => string): string[] => (holds ? [warning()] : []);

const meanTokens = ({ samples, completionTokens }: SampleResult): number => Number(completionTokens) / samples;

/** Warnings about problems that a model wrote. */
export const writingWarnings = ({ asked, problems, truncated, empty, repeated }: WriteResult): string[] =>
  when(
    problems === 0,
    () =>
      `no new problem came of the ${asked} that were asked for: ${truncated} were cut off, ${empty} empty, and ${repeated} there already: ` +
      'look at new_prompts.template, separator and max_tokens',
  );

/** Warnings about sampled completions, beside those of the iteration before. */
export function samplingWarnings(now: SampleResult, before: SampleResult | undefined): string[] {
  const { samples, truncated } = now;
  return [
    ...when(
      truncated > MANY_TRUNCATED * samples,
      () =>
        `${percent(truncated / samples)} of the completions were cut off at the token limit; they cannot win, and by default ` +
        'make no pairs: raise sampling.max_tokens',
    ),
    ...(before ? driftWarnings(meanTokens(now), meanTokens(before)) : []),
  ];
}

/**
 * Preference training learns length where chosen and rejected differ in it (arXiv 2403.19159). A mean is NaN where nothing was drawn, and 0
 * of a step of before tokens were counted.
 */
function driftWarnings(now: number, before: number): string[] {
  const ratio = before > 0 ? now / before : 1;
  return when(
    ratio > LENGTH_FACTOR || ratio < 1 / LENGTH_FACTOR,
    () =>
      `the completions ${ratio > 1 ? 'grew' : 'shrank'} from ${before.toFixed(1)} to ${now.toFixed(1)} tokens on average since the iteration ` +
      'before: lower training.learning_rate, and where chosen and rejected differ in length, make pairs of like length (rule nearest-length)',
  );
}

/** Warnings about verdicts. */
export function scoringWarnings({ verdicts }: ScoreResult): string[] {
  const { correct, wrong, unscorable, truncated, error } = verdicts!;
  const judged = correct + wrong + unscorable + truncated;
  return [
    ...when(error > 0, () => `the scorer failed on ${error} completions, which make no pairs`),
    ...when(
      unscorable > MANY_UNSCORABLE * judged,
      () =>
        `${percent(unscorable / judged)} of the completions state no answer that the scorer can read: check that the prompt asks for the ` +
        'answer format that the scorer reads, or take another scorer',
    ),
  ];
}

/** Warnings about what people said. */
export function feedbackWarnings({ progress }: FeedbackResult): string[] {
  const { items, dropped, agreement } = progress!;
  const { comparisons, alpha = 1 } = agreement!;
  return [
    ...when(
      dropped > MANY_SKIPPED * items,
      () =>
        `people skipped ${percent(dropped / items)} of the comparisons: look at what they are shown (hone runs samples)`,
    ),
    ...when(
      comparisons >= COMPARISONS_TO_JUDGE && alpha < LEAST_ALPHA,
      () =>
        `people agree little more than by chance (Krippendorff's alpha ${alpha.toFixed(2)} over ${comparisons} comparisons): tell them what is ` +
        'better, raise feedback.annotators_per_item or pairs.least_share',
    ),
  ];
}

/** Warnings about pairs. */
export function pairWarnings(report: RuleReport): string[] {
  const { inexactLogProbs, problems, problemsUsed, pairs } = report;
  return [
    ...when(
      inexactLogProbs > 0,
      () =>
        `${inexactLogProbs} completions in pairs were sampled from rounded weights, or by an engine whose log-probs are not the trainer's: the ` +
        'trainer computes the reference log-probs again, which takes time',
    ),
    ...when(
      pairs > 0 && problemsUsed < FEW_USED * problems,
      () => `only ${percent(problemsUsed / problems)} of the problems gave pairs: ${whatToChange(report)}`,
    ),
  ];
}

/** What a reward is of a log-ratio to the reference; 0 where a training has none, or a loss that looks at no reference. */
function rewardScale(settings: TrainingSettings): number {
  const loss = 'preference' in settings ? findLoss(settings.preference) : undefined;
  if (!loss || !(loss.perPair ?? loss.perCompletion) || !loss.needs.reference) return 0;
  const { beta } = ownSettings(loss, settings);
  return typeof beta === 'number' ? beta : 1;
}

/**
 * Warnings about a preference training, the trainer's own first: a chosen that becomes less likely is how DPO without enough NLL
 * goes wrong.
 */
export function trainingWarnings(
  { last, steps, warnings, logProbGap }: TrainResponse,
  settings: TrainingSettings,
): string[] {
  const beta = rewardScale(settings);
  const fallNats = beta > 0 ? -(last?.chosenReward ?? 0) / beta : 0;
  const margin = last?.margin ?? 0;
  return [
    ...warnings,
    ...when(
      fallNats > CLEAR_FALL_NATS,
      () =>
        `training made the chosen completions less likely: their log-prob ended ${fallNats.toFixed(2)} below the reference's. ` +
        'Lower training.learning_rate, or raise training.nll_alpha',
    ),
    ...when(
      beta > 0 && steps >= STEPS_TO_JUDGE && margin <= 0,
      () =>
        `training did not set chosen above rejected: their margin ended at ${margin.toFixed(3)}. Raise training.learning_rate or ` +
        'training.epochs',
    ),
    ...when(
      (logProbGap?.mean ?? 0) > WIDE_GAP_NATS,
      () =>
        `log-probs of sampling are ${logProbGap!.mean.toFixed(2)} nats a token off from those of the model, so what was drawn is another ` +
        "model's: set sampling.weights to fp32, or take an engine with exact log-probs",
    ),
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
