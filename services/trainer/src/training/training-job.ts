import { cpus } from 'node:os';
import {
  Checkpoint,
  CheckpointOrigin,
  digestOfName,
  TrainingSpec,
  TrainMetadata,
  TrainResponse,
  type StepMetrics,
  type TrainRequest,
} from '@hone/contracts';
import { codeVersion, type RunningOperation, type ServiceOptions } from '@hone/rpc';
import type { TrainedCheckpoint, TrainingEngine, TrainingJob } from '@hone/training-engine';
import type { MetricsLog, MetricsLogs } from './metrics-log.ts';
import { firstAndLastTenth } from './step-means.ts';
import { stateFolder } from './state-folders.ts';

/** What a training job needs beside its request. */
export interface JobOptions {
  readonly storeDir: string;
  readonly threads: number;
  readonly stateSeconds: number;
  readonly logs: MetricsLogs;
  readonly engine: TrainingEngine;
  readonly logger: ServiceOptions['logger'];
}

/** Has the engine run a checked job, publishes its metrics and describes what it made. */
export async function runTrainingJob(
  request: TrainRequest,
  operation: RunningOperation<TrainMetadata>,
  log: MetricsLog,
  options: JobOptions,
): Promise<TrainResponse> {
  const { engine, logger } = options;
  const started = performance.now();
  const job = jobOf(request, options);
  const warnings = [...(operation.previous?.warnings ?? [])];
  logger.info({ operation: operation.name, checkpoint: request.checkpoint, dataset: request.dataset }, 'training');
  const { checkpoint, usage } = await engine.train(job, {
    signal: operation.signal,
    onEvent: (event) => {
      if ('warning' in event) {
        if (!warnings.includes(event.warning)) warnings.push(event.warning);
        logger.warn({ operation: operation.name }, event.warning);
        return;
      }
      const { metrics, totalSteps } = event;
      log.add(metrics, totalSteps);
      operation.report({
        operation: operation.name,
        step: metrics.step,
        totalSteps,
        last: metrics,
        warnings: [...warnings],
      });
    },
  });
  const seconds = (performance.now() - started) / 1000;
  logger.info({ operation: operation.name, checkpoint: checkpoint.name, seconds }, 'trained');
  return TrainResponse.fromPartial({
    checkpoint: describe(request, checkpoint, engine),
    ...firstAndLastTenth(log.all),
    steps: log.all.length,
    start: log.all[0]?.start,
    droppedTooLong: checkpoint.droppedTooLong,
    resumedFromStep: checkpoint.resumedFromStep,
    logProbGap: checkpoint.logProbGap && {
      ...checkpoint.logProbGap,
      tokens: BigInt(checkpoint.logProbGap.tokens),
    },
    warnings,
    usage: {
      seconds,
      cpuSeconds: usage.cpuSeconds,
      peakMemoryBytes: BigInt(usage.peakMemoryBytes),
      tokens: log.all.reduce((sum: bigint, metrics: StepMetrics) => sum + metrics.tokens, 0n),
    },
  });
}

function jobOf(request: TrainRequest, { storeDir, threads, stateSeconds, engine }: JobOptions): TrainingJob {
  const checkpoint = digestOfName('checkpoints', request.checkpoint, 'checkpoint');
  const referenceName = request.referenceCheckpoint || request.checkpoint;
  const work = {
    storeDir,
    checkpoint,
    referenceCheckpoint: digestOfName('checkpoints', referenceName, 'reference_checkpoint'),
    sampledFrom: request.sampledFrom && digestOfName('checkpoints', request.sampledFrom, 'sampled_from'),
    dataset: digestOfName('datasets', request.dataset, 'dataset'),
    spec: request.spec!,
    seed: request.seed,
  };
  return { ...work, stateFolder: stateFolder(work, { engine: engine.describe(), threads }), stateSeconds };
}

/** The checkpoint with what is needed to make it again. */
function describe(request: TrainRequest, stored: TrainedCheckpoint, engine: TrainingEngine): Checkpoint {
  const { name, version, device, precision } = engine.describe();
  const recipe = {
    kind: 'train',
    checkpoint: request.checkpoint,
    referenceCheckpoint: request.referenceCheckpoint || request.checkpoint,
    dataset: request.dataset,
    spec: TrainingSpec.toJSON(request.spec!),
    seed: request.seed.toString(),
    adapter: stored.adapter,
    engine: { name, version, device, precision },
    codeVersion: codeVersion(),
    machine: machine(),
  };
  return Checkpoint.fromPartial({
    name: stored.name,
    origin: CheckpointOrigin.TRAINED,
    parent: request.checkpoint,
    dataset: request.dataset,
    parameterCount: BigInt(stored.parameterCount),
    sizeBytes: BigInt(stored.bytes),
    recipeJson: JSON.stringify(recipe),
    displayName: request.displayName,
  });
}

/** What bytes may depend on beside the recipe: results are the same on the same kind of machine. */
function machine() {
  return { platform: process.platform, arch: process.arch, cpu: cpus()[0]?.model ?? '', node: process.version };
}
