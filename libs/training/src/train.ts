/** The training loop: from weights and data to better weights, in place. */
import { setImmediate } from 'node:timers/promises';
import type { ModelConfig, Weights } from '@hone/checkpoint';
import { failedPrecondition, throwIfAborted } from '@hone/errors';
import { AdamW, clipFactor, gradientNorm } from './adamw.ts';
import { exampleParts, preferenceParts, type BatchPart } from './batch.ts';
import { batchesOf, countSteps, mergeByGroup, preferenceItems, type BatchOptions } from './batches.ts';
import { stepMetrics } from './metrics.ts';
import { withReferenceLogProbs } from './reference.ts';
import { learningRateAt } from './schedule.ts';
import { StepRunner, type PartResult } from './step-runner.ts';
import type {
  DemonstrationLoss,
  Example,
  OptimizerOptions,
  PreferenceGroup,
  PreferenceLoss,
  StepMetrics,
} from './types.ts';

interface CommonOptions extends BatchOptions {
  readonly config: ModelConfig;
  /** Where training starts; changed in place. */
  readonly weights: Weights;
  readonly optimizer: OptimizerOptions;
  readonly threads: number;
  /** Padded tokens forwarded at once; larger batches run in parts whose gradients add up. Default: by the model's size. */
  readonly maxTokensPerRun?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((metrics: StepMetrics) => void) | undefined;
}

export interface PreferenceTrainingOptions extends CommonOptions {
  readonly groups: readonly PreferenceGroup[];
  readonly loss: PreferenceLoss;
  readonly batchUnit: 'pairs' | 'problems';
  /** Gives the reference log-probs that groups come without. Default: the start weights. */
  readonly reference?: { readonly config: ModelConfig; readonly weights: Weights } | undefined;
}

export interface DemonstrationTrainingOptions extends CommonOptions {
  readonly examples: readonly Example[];
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

/** DPO + alpha NLL on preference groups (arXiv 2404.19733, equation 1). */
export async function trainOnPreferences(options: PreferenceTrainingOptions): Promise<void> {
  const { config, weights, loss, threads, signal } = options;
  const groups = await withReferenceLogProbs(options.groups, options.reference ?? { config, weights }, {
    threads,
    signal,
  });
  const items = preferenceItems(groups, options.batchUnit);
  const maxTokens = options.maxTokensPerRun ?? defaultMaxTokens(config);
  function* batches(): Generator<BatchPart[]> {
    for (const batch of batchesOf(items, options)) yield preferenceParts(mergeByGroup(batch), loss, maxTokens);
  }
  await optimise(options, 'preference', batches(), countSteps(items.length, options), loss.beta, loss.nllAlpha);
}

/** Supervised fine-tuning on demonstrations. */
export async function trainOnDemonstrations(options: DemonstrationTrainingOptions): Promise<void> {
  const { examples, loss } = options;
  const maxTokens = options.maxTokensPerRun ?? defaultMaxTokens(options.config);
  function* batches(): Generator<BatchPart[]> {
    for (const batch of batchesOf(examples, options)) yield exampleParts(batch, loss.nllReduction, maxTokens);
  }
  await optimise(options, 'demonstration', batches(), countSteps(examples.length, options), 0, 1);
}

async function optimise(
  { config, weights, optimizer, threads, signal, onStep }: CommonOptions,
  kind: 'preference' | 'demonstration',
  batches: Iterable<readonly BatchPart[]>,
  totalSteps: number,
  beta: number,
  nllAlpha: number,
): Promise<void> {
  const runner = await StepRunner.create(config, weights, kind, threads);
  const adamw = new AdamW(weights, optimizer);
  let step = 0;
  try {
    for (const parts of batches) {
      // Lets a cancellation in; running a graph blocks the event loop.
      await setImmediate();
      throwIfAborted(signal);
      step += 1;
      const started = performance.now();
      const results = await runParts(runner, parts, beta);
      const norm = gradientNorm(runner.gradients);
      requireFinite(step, results, norm);
      const learningRate = learningRateAt(step, totalSteps, optimizer);
      adamw.update(runner.gradients, learningRate, clipFactor(norm, optimizer.maxGradNorm));
      const seconds = (performance.now() - started) / 1000;
      onStep?.(stepMetrics(results, { step, totalSteps, gradientNorm: norm, learningRate, beta, nllAlpha, seconds }));
    }
  } finally {
    await runner.close();
  }
}

async function runParts(
  runner: StepRunner,
  parts: readonly BatchPart[],
  beta: number,
): Promise<{ part: BatchPart; result: PartResult }[]> {
  const results: { part: BatchPart; result: PartResult }[] = [];
  runner.begin();
  for (const part of parts) results.push({ part, result: await runner.run(part, beta) });
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
