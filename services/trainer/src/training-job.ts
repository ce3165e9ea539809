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
import type { RunningOperation, ServiceOptions } from '@hone/rpc';
import { codeVersion } from './code-version.ts';
import type { MetricsLog, MetricsLogs } from './metrics-log.ts';
import { firstAndLastTenth } from './step-means.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { StepDone, TrainedCheckpoint, TrainJob } from './worker-protocol.ts';

/** What a training job needs beside its request. */
export interface JobOptions {
  readonly storeDir: string;
  readonly threads: number;
  readonly logs: MetricsLogs;
  readonly workers: WorkerPool;
  readonly logger: ServiceOptions['logger'];
}

/** Runs a checked job in a worker process, publishes its metrics and describes what it made. */
export async function runTrainingJob(
  request: TrainRequest,
  operation: RunningOperation<TrainMetadata>,
  log: MetricsLog,
  { storeDir, threads, workers, logger }: JobOptions,
): Promise<TrainResponse> {
  const started = performance.now();
  const job = jobOf(request, storeDir, threads);
  logger.info({ operation: operation.name, checkpoint: request.checkpoint, dataset: request.dataset }, 'training');
  const { result, usage } = await workers.run<TrainJob, StepDone, TrainedCheckpoint>({
    method: 'train',
    job,
    signal: operation.signal,
    onEvent: ({ metrics, totalSteps }) => {
      log.add(metrics, totalSteps);
      operation.report({ operation: operation.name, step: metrics.step, totalSteps, last: metrics });
    },
  });
  const seconds = (performance.now() - started) / 1000;
  logger.info({ operation: operation.name, checkpoint: result.name, seconds }, 'trained');
  return TrainResponse.fromPartial({
    checkpoint: describe(request, result),
    ...firstAndLastTenth(log.all),
    steps: log.all.length,
    droppedTooLong: result.droppedTooLong,
    usage: {
      seconds,
      cpuSeconds: usage.cpuSeconds,
      peakMemoryBytes: BigInt(usage.peakMemoryBytes),
      tokens: log.all.reduce((sum: bigint, metrics: StepMetrics) => sum + metrics.tokens, 0n),
    },
  });
}

function jobOf(request: TrainRequest, storeDir: string, threads: number): TrainJob {
  const checkpoint = digestOfName('checkpoints', request.checkpoint, 'checkpoint');
  const referenceName = request.referenceCheckpoint || request.checkpoint;
  return {
    storeDir,
    checkpoint,
    referenceCheckpoint: digestOfName('checkpoints', referenceName, 'reference_checkpoint'),
    dataset: digestOfName('datasets', request.dataset, 'dataset'),
    spec: request.spec!,
    seed: request.seed,
    threads,
  };
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
    codeVersion: codeVersion(),
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
