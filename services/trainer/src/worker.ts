/** The trainer's worker process: makes one new model, so that the service's event loop stays free, and ends. */
import { serveWorker, type WorkerContext } from '@hone/workers';
import { initializeModel } from './initialize/initialize-model.ts';
import type { InitializeJob } from './initialize/job.ts';

serveWorker({
  initialize: (job: InitializeJob, { signal }: WorkerContext) => initializeModel(job, signal),
});
