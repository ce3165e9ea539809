/** Child processes that compute, so that the event loop of the service that owns them stays free. */
export { runOneJob, type OneJob } from './one-job.ts';
export type { WorkerUsage } from './protocol.ts';
export { serveWorker, type WorkerContext, type WorkerHandler, type WorkerHandlers } from './serve.ts';
export { Stopped, WorkerSlots, type Piece } from './slots.ts';
export { ALLOCATOR, spawnWorker, Worker, type WorkerCallOptions, type WorkerOptions } from './spawn.ts';
export { TEXT_LIMIT_MS, withinLimit } from './watchdog.ts';
