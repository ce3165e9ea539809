/** The training loop: from weights and data to better weights, in place. */
import { setImmediate } from 'node:timers/promises';
import type { ModelConfig } from '@hone/checkpoint';
import type { TokenCounts } from '@hone/losses';
import { failedPrecondition, throwIfAborted } from '@hone/errors';
import { AdamW, clipFactor, gradientNorm } from './optimizer/adamw.ts';
import { exampleParts, preferenceParts, type BatchPart } from './data/batch.ts';
import { batchesOf, countSteps, type BatchOptions } from './data/batches.ts';
import { takenApart } from './data/items.ts';
import { ChosenWatch, type TrainingWarning } from './chosen-watch.ts';
import { KlEstimates } from './kl-estimate.ts';
import type { LogProbGap } from './log-prob-gap.ts';
import { stepMetrics, type DrawnFrom } from './metrics.ts';
import { PreferenceData } from './data/preference-data.ts';
import { learningRateAt } from './optimizer/schedule.ts';
import { checkStart, startWarning } from './start-check.ts';
import { StepRunner, trainedWeights, type Model, type PartResult } from './step-runner.ts';
import type { StepOptions } from './graph/step-graph.ts';
import { requireFittingState, type SaveState, type TrainingState } from './training-state.ts';
import type {
  DemonstrationLoss,
  Example,
  OptimizerOptions,
  PreferenceGroup,
  PreferenceLoss,
  Source,
  StartCheck,
  StepMetrics,
} from './types.ts';

/** Training changes the adapter in place, or, without one, the weights. */
interface CommonOptions extends BatchOptions, Model {
  readonly optimizer: OptimizerOptions;
  readonly threads: number;
  /** Padded tokens forwarded at once; larger batches run in parts whose gradients add up. Default: by the model's size. */
  readonly maxTokensPerRun?: number | undefined;
  /** Holds each layer's input alone and computes the rest again: the same weights, in less memory and a third more time. */
  readonly recomputeActivations?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((metrics: StepMetrics) => void) | undefined;
  /** Goes on from here instead of from the model, which stays the default reference; everything else must be as it was. */
  readonly resumeFrom?: TrainingState | undefined;
  readonly saveState?: SaveState | undefined;
  /** Told once of each thing that goes wrong slowly. A loss that leaves the numbers always ends the job. */
  readonly onWarning?: ((code: TrainingWarning, message: string) => void) | undefined;
  /** Warnings that end the job with an error. */
  readonly stopWhen?: readonly TrainingWarning[] | undefined;
}

export interface PreferenceTrainingOptions extends CommonOptions {
  readonly groups: Source<PreferenceGroup>;
  readonly loss: PreferenceLoss;
  readonly batchUnit: 'pairs' | 'problems';
  /** Gives the reference log-probs that groups come without, where the loss needs any. Default: the model that training starts from. */
  readonly reference?: Model | undefined;
  /** Whether training starts from the reference itself: then its first step is checked. */
  readonly startsAtReference?: boolean | undefined;
  /** Which model drew the completions that are marked as drawn; undefined where it is neither. */
  readonly drawnFrom?: DrawnFrom | undefined;
  /** Told, before the first step, how far log-probs of sampling are from the reference's, where any were compared. */
  readonly onLogProbGap?: ((gap: LogProbGap) => void) | undefined;
}

export interface DemonstrationTrainingOptions extends CommonOptions {
  readonly examples: Source<Example>;
  readonly loss: DemonstrationLoss;
}

/** Memory that one run's activations may take. */
const ACTIVATION_BYTES = 2 * 2 ** 30;

/**
 * Tokens whose activations fit: forward values that the backward pass reads, by hidden and feed-forward width, and three copies
 * of the logits.
 */
function defaultMaxTokens({ numLayers, hiddenSize, intermediateSize, vocabSize }: ModelConfig): number {
  const bytesPerToken = 4 * (numLayers * (12 * hiddenSize + 5 * intermediateSize) + 3 * vocabSize);
  return Math.max(256, Math.min(16_384, Math.floor(ACTIVATION_BYTES / bytesPerToken)));
}

/** A loss on pairs, labelled completions or tokens + alpha NLL on preference groups (arXiv 2404.19733, equation 1). */
export async function trainOnPreferences(options: PreferenceTrainingOptions): Promise<void> {
  const { config, loss, threads, signal } = options;
  const { needs, perCompletion, perToken } = loss.loss;
  const tokenWeight = (counts: TokenCounts) => loss.loss.tokenWeight?.(counts, loss.settings as never);
  const maxTokens = options.maxTokensPerRun ?? defaultMaxTokens(config);
  const reference = needs.reference ? (options.reference ?? options) : undefined;
  const old = perToken && options;
  const data = await PreferenceData.open(options.groups, options.batchUnit, {
    ...{ reference, old, maxTokens, threads, signal },
  });
  if (data.gap) options.onLogProbGap?.(data.gap);
  const estimates = needs.kl ? await openEstimates(options, data, maxTokens) : undefined;
  try {
    await optimise(options, {
      step: { term: loss, sharedPrompts: true },
      nllAlpha: loss.nllAlpha,
      startsAtReference: options.startsAtReference,
      drawnFrom: options.drawnFrom,
      items: data.length,
      parts: async (items, step) => {
        const batch = await data.batch(items);
        const kl = (await estimates?.of(step, batch)) ?? 0;
        return preferenceParts(perCompletion ? takenApart(batch) : batch, { ...loss, kl, tokenWeight }, maxTokens);
      },
    });
  } finally {
    await estimates?.close();
  }
}

/** Estimates of the KL divergence for all steps that are left. */
async function openEstimates(
  options: PreferenceTrainingOptions,
  data: PreferenceData,
  maxTokens: number,
): Promise<KlEstimates> {
  const { reference = options, resumeFrom, threads, signal } = options;
  async function* batches() {
    let step = resumeFrom?.step ?? 0;
    for (const items of batchesOf(data.length, options, step)) yield { step: ++step, batch: await data.batch(items) };
  }
  const estimates = await KlEstimates.open({
    ...{ policy: options, reference, batches: batches(), maxTokens, threads, signal },
  });
  const { stepsWithout } = estimates;
  const message =
    `${stepsWithout} of the steps hold completions of one prompt alone: the KL divergence that the loss compares with is 0 in them, ` +
    'since no completion stands behind a prompt of another; raise batch_size';
  if (stepsWithout > 0) options.onWarning?.('KL_NOT_ESTIMATED', message);
  return estimates;
}

/** Supervised fine-tuning on demonstrations. */
export async function trainOnDemonstrations(options: DemonstrationTrainingOptions): Promise<void> {
  const { examples, loss } = options;
  const maxTokens = options.maxTokensPerRun ?? defaultMaxTokens(options.config);
  await optimise(options, {
    step: { sharedPrompts: false },
    nllAlpha: 1,
    items: examples.length,
    parts: async (items) => {
      const batch = await Promise.all(items.map((item) => examples.at(item)));
      return exampleParts(batch as Example[], loss.nllReduction, maxTokens);
    },
  });
}

/** What is trained on, whichever its kind. */
interface Objective extends Pick<PreferenceTrainingOptions, 'startsAtReference' | 'drawnFrom'> {
  readonly step: StepOptions;
  readonly nllAlpha: number;
  readonly items: number;
  parts(items: readonly number[], step: number): Promise<readonly BatchPart[]>;
}

async function optimise(options: CommonOptions, objective: Objective): Promise<void> {
  const { optimizer, threads, signal, resumeFrom } = options;
  const weights = trainedWeights(options);
  const { items, nllAlpha, drawnFrom } = objective;
  const { term } = objective.step;
  const totalSteps = countSteps(items, options);
  const runner = await StepRunner.create(
    options,
    { ...objective.step, recomputeActivations: options.recomputeActivations },
    threads,
  );
  try {
    const adamw = new AdamW(weights, optimizer);
    if (resumeFrom) {
      requireFittingState(resumeFrom, weights, totalSteps);
      adamw.resume(resumeFrom);
    }
    warnOfWarmUp(options, totalSteps);
    const watch = term?.loss.needs.reference ? new ChosenWatch(totalSteps) : undefined;
    let step = adamw.state.step;
    for (const batch of batchesOf(items, options, step)) {
      // Lets a cancellation in.
      await setImmediate();
      throwIfAborted(signal);
      step += 1;
      const started = performance.now();
      const results = await runParts(runner, await objective.parts(batch, step));
      const norm = gradientNorm(runner.gradients);
      requireFinite(step, results, norm);
      const start = step === 1 && objective.startsAtReference ? await checkStart(results, term) : undefined;
      const learningRate = learningRateAt(step, totalSteps, optimizer);
      adamw.update(runner.gradients, learningRate, clipFactor(norm, optimizer.maxGradNorm));
      const seconds = (performance.now() - started) / 1000;
      const facts = { step, totalSteps, gradientNorm: norm, learningRate, term, nllAlpha, seconds, drawnFrom, start };
      options.onStep?.(stepMetrics(results, facts));
      warnOfStart(options, start);
      warnOfFall(options, watch?.observe(results));
      await saveIfDue(options.saveState, adamw.state);
    }
  } finally {
    await runner.close();
  }
}

/** Few pairs make few steps, and the first of a warm-up has rate 0: a short training may change nothing. */
function warnOfWarmUp({ onWarning, optimizer }: CommonOptions, totalSteps: number): void {
  const { warmupSteps, learningRate } = optimizer;
  if (warmupSteps === 0 || totalSteps > warmupSteps) return;
  const highest = learningRateAt(totalSteps, totalSteps, optimizer);
  const effect =
    highest === 0
      ? 'the learning rate is 0 in all of it and no weight changes'
      : `the learning rate ends at ${highest}`;
  onWarning?.(
    'WARM_UP_NOT_ENDED',
    `training has ${totalSteps} steps and all of them are warm-up (warmup_steps ${warmupSteps}, learning_rate ${learningRate}): ` +
      `${effect}. Lower warmup_steps or batch_size, or train on more`,
  );
}

function warnOfFall({ onWarning, stopWhen }: CommonOptions, message: string | undefined): void {
  if (message === undefined) return;
  onWarning?.('CHOSEN_LOG_PROB_FALLS', message);
  if (stopWhen?.includes('CHOSEN_LOG_PROB_FALLS')) throw failedPrecondition('CHOSEN_LOG_PROB_FALLS', message);
}

/** Log-probs of another model make a training of its own all the same: it is told of, and no error. */
function warnOfStart({ onWarning }: CommonOptions, start: StartCheck | undefined): void {
  const message = start && startWarning(start);
  if (message !== undefined) onWarning?.('START_NOT_AT_REFERENCE', message);
}

async function saveIfDue(saveState: SaveState | undefined, state: TrainingState): Promise<void> {
  if (saveState && state.step % saveState.everySteps === 0) await saveState.save(state);
}

async function runParts(
  runner: StepRunner,
  parts: readonly BatchPart[],
): Promise<{ part: BatchPart; result: PartResult }[]> {
  const results: { part: BatchPart; result: PartResult }[] = [];
  runner.begin();
  for (const part of parts) results.push({ part, result: await runner.run(part) });
  return results;
}

/** Weights that have left the numbers would spoil every later checkpoint: better no checkpoint. */
function requireFinite(step: number, results: readonly { result: PartResult }[], norm: number): void {
  const loss = results.reduce((sum, { result }) => sum + result.preference + result.nll, 0);
  if (Number.isFinite(loss) && Number.isFinite(norm)) return;
  const what = Number.isFinite(loss) ? `the gradient norm is ${norm}` : `the loss is ${loss}`;
  throw failedPrecondition(
    'NON_FINITE_LOSS',
    `training diverged at step ${step}: ${what}; lower the learning rate, raise nll_alpha, or clip gradients`,
  );
}
