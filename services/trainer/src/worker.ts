/** The trainer's worker process: computes one job, so that the service's event loop stays free, and ends. */
import { serveWorker, type WorkerContext } from '@hone/workers';
import { initializeModel } from './initialize-model.ts';
import { trainModel } from './train-model.ts';
import type { InitializeJob, TrainEvent, TrainJob } from './worker-protocol.ts';

serveWorker({
  initialize: (job: InitializeJob, { signal }: WorkerContext) => initializeModel(job, signal),
  train: (job: TrainJob, context: WorkerContext<TrainEvent>) => trainModel(job, context),
});
