import {
  messageOf,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  WatchTrainingRequest,
  type Operation,
  type StepMetrics,
} from '@hone/contracts';
import { trainingSpec } from '@hone/engine/messages';
import { lora, preferenceTraining, type PreferenceTraining } from '@hone/recipes';
import { awaitOperation, callServerStream, callUnary } from '@hone/rpc';
import { onInterrupt } from '@hone/terminal';
import type { Command } from 'commander';
import { exportModel, requireFree } from '../../models/downloads.ts';
import { readLoss } from '../../files/loss-file.ts';
import { checkpointOf, exactlyOne, importedName, type ModelOptions } from '../../models/model-options.ts';
import { uploadPairs } from '../../files/pairs-file.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { settingOption } from '../../spec/setting-options.ts';
import { homeOf, integer, seedOption } from '../common.ts';

interface TrainOptions extends ModelOptions {
  readonly reference?: string;
  readonly pairs: string;
  readonly loss: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly schedule: PreferenceTraining['schedule'];
  readonly warmupSteps: number;
  readonly shuffle: boolean;
  readonly seed: bigint;
  readonly loraRank?: number;
  readonly loraAlpha: number;
  readonly loraTarget: readonly string[];
  readonly adapterOutput?: string;
  readonly recompute: boolean;
  readonly stopWhenChosenFalls: boolean;
  readonly output: string;
}

/** Names of the metrics as programs know them. */
const metricsLine = (metrics: StepMetrics): string =>
  JSON.stringify({
    step: metrics.step,
    loss: metrics.loss,
    preference_loss: metrics.preferenceLoss,
    nll_loss: metrics.nllLoss,
    chosen_log_prob: metrics.chosenLogProb,
    rejected_log_prob: metrics.rejectedLogProb,
    chosen_reward: metrics.chosenReward,
    rejected_reward: metrics.rejectedReward,
    margin: metrics.margin,
    accuracy: metrics.accuracy,
    reference_point: metrics.referencePoint,
    grad_norm: metrics.gradientNorm,
    learning_rate: metrics.learningRate,
    tokens: Number(metrics.tokens),
    tokens_per_second: metrics.tokensPerSecond,
    padding_share: metrics.paddingShare,
  });

/** The options as a recipe's settings for a training. */
function trainingOf(options: TrainOptions): PreferenceTraining {
  const { loraRank: rank, loraAlpha: alpha, loraTarget } = options;
  return preferenceTraining.parse({
    ...readLoss(options.loss),
    learning_rate: options.learningRate,
    batch_size: options.batchSize,
    max_steps: options.steps,
    warmup_steps: options.warmupSteps,
    schedule: options.schedule,
    weight_decay: options.weightDecay,
    max_grad_norm: options.maxGradNorm,
    recompute_activations: options.recompute,
    stop_when_chosen_falls: options.stopWhenChosenFalls,
    ...(rank !== undefined && { lora: { rank, alpha, target_modules: [...loraTarget] } }),
  });
}

async function requestOf(clients: Clients, options: TrainOptions): Promise<TrainRequest> {
  const spec = { ...trainingSpec(trainingOf(options)), keepOrder: !options.shuffle };
  return messageOf(TrainRequest, {
    checkpoint: await checkpointOf(clients, options),
    referenceCheckpoint: options.reference === undefined ? '' : await importedName(clients, options.reference),
    dataset: (await uploadPairs(clients, options.pairs)).name,
    seed: options.seed,
    spec,
  });
}

/** Prints each step's metrics and gives the job's result; Ctrl-C stops the job, which the same command goes on with. */
async function follow(clients: Clients, operation: Operation): Promise<TrainResponse> {
  const stopping = new AbortController();
  const release = onInterrupt(() => stopping.abort());
  const request = WatchTrainingRequest.fromPartial({ operation: operation.name });
  // A job may be queued for long without a step.
  const settings = { idleMs: Infinity };
  const metrics = (async () => {
    for await (const { metrics } of callServerStream(clients.trainer, 'watchTraining', request, settings)) {
      process.stdout.write(`${metricsLine(metrics!)}\n`);
    }
  })();
  try {
    const response = await awaitOperation({
      client: clients.trainerOperations,
      operation,
      response: TrainResponse,
      metadata: TrainMetadata,
      signal: stopping.signal,
    });
    await metrics;
    return response;
  } catch (thrown) {
    await metrics.catch(() => undefined);
    throw thrown;
  } finally {
    release();
  }
}

/** An option that is a key of a training; the rest of them come with a run. */
const training = (key: keyof PreferenceTraining, flags: string) => settingOption(preferenceTraining, key, flags);

/** `hone train`: one training job on pairs of a file, into a model folder. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train on preference pairs or labelled completions; a JSON object with metrics a step')
    .option('--checkpoint <name>', 'a checkpoint of this home')
    .option('--model <folder>', 'a Hugging Face model folder, a .gguf file or org/name of the hub')
    .option('--reference <folder>', 'the reference model (default: the model itself)')
    .requiredOption(
      '--pairs <file.jsonl>',
      'prompt, chosen and rejected as texts, conversations or token ids; or prompt, completion and label',
    )
    .requiredOption('--loss <file.yaml>', 'preference and its settings, nll_alpha, nll_reduction')
    .requiredOption('--steps <number>', 'optimiser steps', integer(1))
    .requiredOption('--output <folder>', 'where the trained model is written')
    .addOption(training('batch_size', '--batch-size <number>'))
    .addOption(training('learning_rate', '--learning-rate <number>'))
    .addOption(training('weight_decay', '--weight-decay <number>'))
    .addOption(training('max_grad_norm', '--max-grad-norm <number>'))
    .addOption(training('schedule', '--schedule <name>'))
    .addOption(training('warmup_steps', '--warmup-steps <number>'))
    .option('--shuffle', 'go over the pairs in an order of the seed, not that of the file', false)
    .addOption(seedOption('seed of the order and of an adapter', 0n))
    .addOption(settingOption(lora, 'rank', '--lora-rank <number>'))
    .addOption(settingOption(lora, 'alpha', '--lora-alpha <number>'))
    .option('--adapter-output <folder>', 'where the adapter is written too, as PEFT stores it')
    .option(
      '--lora-target <module>',
      'module with an adapter; may be given several times',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .addOption(training('recompute_activations', '--recompute'))
    .addOption(training('stop_when_chosen_falls', '--stop-when-chosen-falls'))
    .option('--json', 'metrics are JSON in any case', false)
    .action(async (options: TrainOptions, command: Command) => {
      exactlyOne(command, options, 'checkpoint', 'model');
      await requireFree(options.output);
      if (options.adapterOutput !== undefined) {
        if (options.loraRank === undefined) command.error('error: --adapter-output needs --lora-rank');
        await requireFree(options.adapterOutput);
      }
      await withPlatform({ home: homeOf(command), whole: true }, async (clients) => {
        const operation = await callUnary(clients.trainer, 'train', await requestOf(clients, options));
        const { checkpoint, warnings, resumedFromStep } = await follow(clients, operation);
        if (resumedFromStep > 0) process.stderr.write(`went on behind step ${resumedFromStep}\n`);
        for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
        await exportModel(clients, { name: checkpoint!.name }, options.output);
        if (options.adapterOutput !== undefined)
          await exportModel(clients, { name: checkpoint!.name, adapter: true }, options.adapterOutput);
        process.stderr.write(`${checkpoint!.name} in ${options.output}\n`);
      });
    });
}
