import {
  BatchUnit,
  messageOf,
  Schedule,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  WatchTrainingRequest,
  type Operation,
  type StepMetrics,
} from '@hone/contracts';
import { awaitOperation, callServerStream, callUnary } from '@hone/rpc';
import { InvalidArgumentError, type Command } from 'commander';
import { exportModel, requireFree } from '../downloads.ts';
import { onInterrupt } from '../interrupt.ts';
import { readLoss } from '../loss-file.ts';
import { checkpointOf, exactlyOne, importedName, type ModelOptions } from '../model-options.ts';
import { uploadPairs } from '../pairs-file.ts';
import { withPlatform, type Clients } from '../platform.ts';
import { homeOf, integer, number, seedOption } from './common.ts';

const SCHEDULES = { constant: Schedule.CONSTANT, linear: Schedule.LINEAR, cosine: Schedule.COSINE } as const;

interface TrainOptions extends ModelOptions {
  readonly reference?: string;
  readonly pairs: string;
  readonly loss: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly schedule: keyof typeof SCHEDULES;
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

function schedule(text: string): keyof typeof SCHEDULES {
  if (Object.hasOwn(SCHEDULES, text)) return text as keyof typeof SCHEDULES;
  throw new InvalidArgumentError(`must be one of ${Object.keys(SCHEDULES).join(', ')}`);
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
    grad_norm: metrics.gradientNorm,
    learning_rate: metrics.learningRate,
    tokens: Number(metrics.tokens),
    tokens_per_second: metrics.tokensPerSecond,
    padding_share: metrics.paddingShare,
  });

async function requestOf(clients: Clients, options: TrainOptions): Promise<TrainRequest> {
  const { learningRate, weightDecay, maxGradNorm, warmupSteps, loraRank } = options;
  const loss = readLoss(options.loss);
  const lora = { rank: loraRank ?? 0, alpha: options.loraAlpha, targetModules: [...options.loraTarget] };
  return messageOf(TrainRequest, {
    checkpoint: await checkpointOf(clients, options),
    referenceCheckpoint: options.reference === undefined ? '' : await importedName(clients, options.reference),
    dataset: (await uploadPairs(clients, options.pairs)).name,
    seed: options.seed,
    spec: {
      loss,
      optimizer: { learningRate, weightDecay, maxGradNorm, warmupSteps, schedule: SCHEDULES[options.schedule] },
      maxSteps: options.steps,
      batchSize: options.batchSize,
      batchUnit: BatchUnit.PAIRS,
      keepOrder: !options.shuffle,
      recomputeActivations: options.recompute,
      stopWhenChosenFalls: options.stopWhenChosenFalls,
      ...(loraRank === undefined ? {} : { lora }),
    },
  });
}

/** Prints each step's metrics and gives the job's result; Ctrl-C stops the job, which the same command goes on with. */
async function follow(clients: Clients, operation: Operation): Promise<TrainResponse> {
  const stopping = new AbortController();
  const release = onInterrupt(() => stopping.abort());
  const request = WatchTrainingRequest.fromPartial({ operation: operation.name });
  // A job may wait in line for long without a step.
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

/** `hone train`: one training job on pairs of a file, into a model folder. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train on preference pairs; a JSON object with metrics a step')
    .option('--checkpoint <name>', 'a checkpoint of this home')
    .option('--model <folder>', 'a Hugging Face model folder, a .gguf file or org/name of the hub')
    .option('--reference <folder>', 'the reference model (default: the model itself)')
    .requiredOption('--pairs <file.jsonl>', 'prompt, chosen and rejected as texts, conversations or token ids')
    .requiredOption('--loss <file.yaml>', 'preference, beta, label_smoothing, nll_alpha, nll_reduction')
    .requiredOption('--steps <number>', 'optimiser steps', integer(1))
    .requiredOption('--output <folder>', 'where the trained model is written')
    .option('--batch-size <number>', 'pairs a step', integer(1), 16)
    .option('--learning-rate <number>', 'peak learning rate', number, 1e-6)
    .option('--weight-decay <number>', 'decoupled, of matrices', number, 0)
    .option('--max-grad-norm <number>', 'largest global norm of the gradient; 0 does not clip', number, 1)
    .option('--schedule <name>', 'constant, linear or cosine', schedule, 'constant')
    .option('--warmup-steps <number>', 'steps over which the learning rate rises', integer(0), 0)
    .option('--shuffle', 'go over the pairs in an order of the seed, not that of the file', false)
    .addOption(seedOption('seed of the order and of an adapter', 0n))
    .option('--lora-rank <number>', 'train an adapter of this rank, merged at the end', integer(1))
    .option('--lora-alpha <number>', 'scale of the adapter', number, 16)
    .option('--adapter-output <folder>', 'where the adapter is written too, as PEFT stores it')
    .option(
      '--lora-target <module>',
      'module with an adapter; may be given several times',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option('--recompute', 'less memory for more time: compute activations again', false)
    .option('--stop-when-chosen-falls', 'fail where the chosen completions get much less probable', false)
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
        await callUnary(clients.orchestrator, 'registerCheckpoint', { checkpoint });
        await exportModel(clients, { name: checkpoint!.name }, options.output);
        if (options.adapterOutput !== undefined)
          await exportModel(clients, { name: checkpoint!.name, adapter: true }, options.adapterOutput);
        process.stderr.write(`${checkpoint!.name} in ${options.output}\n`);
      });
    });
}
