import { TrainerServiceService, type Engine } from '@hone/contracts';
import {
  descriptionOf,
  descriptionService,
  openStore,
  OperationRegistry,
  operationsFolder,
  serverStream,
  unary,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { describeRuntime } from '@hone/runtime/description';
import { initializeCheckpointWith } from './initialize-checkpoint.ts';
import { JobQueue } from './job-queue.ts';
import { MetricsLogs } from './metrics-log.ts';
import { sweepStates } from './state-folders.ts';
import { trainingKind, trainWith } from './train.ts';
import { watchTrainingIn } from './watch-training.ts';
import { WorkerPool } from './worker-pool.ts';

/** How often a running job's state is saved, so that no more than this is lost with its process. */
const DEFAULT_STATE_SECONDS = 30;

/** A job computes with all threads. */
const CAPACITY = 1;

const engine = (): Engine => ({
  ...describeRuntime(),
  precision: 'float32',
  precisions: ['float32'],
  capabilities: ['lora', 'recompute-activations', 'resume'],
});

/**
 * The trainer: data and checkpoints lie in the store; each job computes in a process of its own (`workerEntry`), whose
 * memory goes back to the system with it.
 */
export async function createTrainerService(
  options: Pick<ServiceOptions, 'storeDir' | 'threads' | 'memoryBytes' | 'logger'> &
    Partial<Pick<ServiceOptions, 'resumeRuns'>> & { readonly stateSeconds?: number },
  workerEntry: URL,
): Promise<ServiceParts> {
  const { storeDir, threads, memoryBytes, logger, stateSeconds = DEFAULT_STATE_SECONDS } = options;
  const { store, dependency } = await openStore(options);
  await sweepStates(storeDir);
  const logs = new MetricsLogs();
  const workers = new WorkerPool(workerEntry, storeDir, logger);
  const jobs = new JobQueue();
  const training = trainingKind({ store, storeDir, threads, stateSeconds, logs, jobs, workers, logger });
  const operations = await OperationRegistry.open({
    folder: operationsFolder(storeDir, 'trainer'),
    kinds: [training],
    resume: options.resumeRuns ?? true,
    logger,
  });
  const implementation = {
    initializeCheckpoint: unary(initializeCheckpointWith({ workers, store, storeDir, memoryBytes })),
    train: unary(trainWith({ store, operations, training })),
    watchTraining: serverStream(watchTrainingIn(logs)),
  };
  return {
    services: [
      { definition: TrainerServiceService, implementation },
      operations.service,
      descriptionService(descriptionOf('trainer', { capacity: CAPACITY, engine: engine() })),
    ],
    dependencies: [dependency],
    close: () => operations.close(),
  };
}
