/** A worker process: computes one job, so that the service's event loop stays free, and ends. */
import { serveWorker, type WorkerContext } from '@hone/workers';
import type { TrainingEvent } from '../../port.ts';
import type { ThreadedJob } from './protocol.ts';
import { trainModel } from './train-model.ts';

serveWorker({ train: (job: ThreadedJob, context: WorkerContext<TrainingEvent>) => trainModel(job, context) });
