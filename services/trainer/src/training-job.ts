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
import type { MetricsLog, MetricsLogs } from './metrics-log.ts';
import { firstAndLastTenth } from './step-means.ts';
import type { WorkerPool } from './worker-pool.ts';
import { stateFolder } from './state-folders.ts';
import type { TrainedCheckpoint, TrainEvent, TrainJob } from './worker-protocol.ts';

/** What a training job needs beside its request. */
export interface JobOptions {
  readonly storeDir: string;
  readonly threads: number;
  readonly stateSeconds: number;
  readonly logs: MetricsLogs;
  readonly workers: WorkerPool;
  readonly logger: ServiceOptions['logger'];
}

/** Runs a checked job in a worker process, publishes its metrics and describes what it made. */
export async function runTrainingJob(
  request: TrainRequest,
  operation: RunningOperation<TrainMetadata>,
  log: MetricsLog,
  options: JobOptions,
): Promise<TrainResponse> {
  const { workers, logger } = options;
  const started = performance.now();
  const job = jobOf(request, options);
  const warnings = [...(operation.previous?.warnings ?? [])];
  logger.info({ operation: operation.name, checkpoint: request.checkpoint, dataset: request.dataset }, 'training');
  const { result, usage } = await workers.run<TrainJob, TrainEvent, TrainedCheckpoint>({
    method: 'train',
    job,
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
  logger.info({ operation: operation.name, checkpoint: result.name, seconds }, 'trained');
  return TrainResponse.fromPartial({
    checkpoint: describe(request, result),
    ...firstAndLastTenth(log.all),
    steps: log.all.length,
    droppedTooLong: result.droppedTooLong,
    resumedFromStep: result.resumedFromStep,
    logProbGap: result.logProbGap && { ...result.logProbGap, tokens: BigInt(result.logProbGap.tokens) },
    warnings,
    usage: {
      seconds,
      cpuSeconds: usage.cpuSeconds,
      peakMemoryBytes: BigInt(usage.peakMemoryBytes),
      tokens: log.all.reduce((sum: bigint, metrics: StepMetrics) => sum + metrics.tokens, 0n),
    },
  });
}

function jobOf(request: TrainRequest, { storeDir, threads, stateSeconds }: JobOptions): TrainJob {
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
    threads,
  };
  return { ...work, stateFolder: stateFolder(work), stateSeconds };
}

/** The checkpoint with what is needed to make it again. */
function describe(request: TrainRequest, stored: TrainedCheckpoint): Checkpoint {
  const recipe = {
    kind: 'train',
    checkpoint: request.checkpoint,
    referenceCheckpoint: request.referenceCheckpoint || request.checkpoint,
    dataset: request.dataset,
    spec: TrainingSpec.toJSON(request.spec!),
    seed: request.seed.toString(),
    adapter: stored.adapter,
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
