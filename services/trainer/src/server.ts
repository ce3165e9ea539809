import { TrainerServiceService } from '@hone/contracts';
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
import { openTrainingEngine } from '@hone/training-engine';
import { initializeCheckpointWith } from './initialize/initialize-checkpoint.ts';
import { JobQueue } from './job-queue.ts';
import { MetricsLogs } from './training/metrics-log.ts';
import { sweepStates } from './training/state-folders.ts';
import { trainingKind, trainWith } from './training/train.ts';
import { watchTrainingIn } from './training/watch-training.ts';

/** How often a running job's state is saved, so that no more than this is lost with its process. */
const DEFAULT_STATE_SECONDS = 30;

type TrainerOptions = Pick<ServiceOptions, 'storeDir' | 'threads' | 'memoryBytes' | 'logger'> &
  Partial<Pick<ServiceOptions, 'resumeRuns' | 'engine' | 'enginesDir'>> & { readonly stateSeconds?: number };

/**
 * The trainer: data and checkpoints lie in the store; an engine computes the jobs. `entries` is the folder of the built processes of
 * trainer and engines.
 */
export async function createTrainerService(
  options: TrainerOptions,
  entries = new URL('./', import.meta.url),
): Promise<ServiceParts> {
  const { storeDir, threads, memoryBytes, logger, stateSeconds = DEFAULT_STATE_SECONDS } = options;
  const { store, dependency } = await openStore(options);
  const engine = await openTrainingEngine(options, entries);
  await sweepStates(storeDir);
  const logs = new MetricsLogs();
  const jobs = new JobQueue({ atOnce: engine.capacity });
  const training = trainingKind({ store, storeDir, threads, stateSeconds, logs, jobs, engine, logger });
  const operations = await OperationRegistry.open({
    folder: operationsFolder(storeDir, 'trainer'),
    kinds: [training],
    resume: options.resumeRuns ?? true,
    logger,
  });
  const initializing = { entry: new URL('worker.mjs', entries), store, storeDir, memoryBytes, logger };
  const implementation = {
    initializeCheckpoint: unary(initializeCheckpointWith(initializing)),
    train: unary(trainWith({ store, operations, training, engine })),
    watchTraining: serverStream(watchTrainingIn(logs)),
  };
  return {
    services: [
      { definition: TrainerServiceService, implementation },
      operations.service,
      descriptionService(descriptionOf('trainer', { capacity: engine.capacity, engine: engine.describe() })),
    ],
    dependencies: [dependency],
    close: async () => {
      await operations.close();
      await engine.close();
    },
  };
}
