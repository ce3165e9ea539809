/** Runs of recipes: the ledger of their steps, the durable loop, the queue of runs. Services are ports. */
export { appendEvent, listEvents } from './ledger/events.ts';
export { failureText } from './ledger/failure.ts';
export { iterationsOf } from './ledger/iterations.ts';
export { findRunByRequest, getRun, insertRun, listRuns, type RunRecord } from './ledger/runs.ts';
export type { EngineLog } from './ports/log.ts';
export type {
  BuildJob,
  BuiltDataset,
  CallOptions,
  ServiceCapacity,
  RemoteWork,
  ServiceName,
  Services,
  ServicesOfRuns,
} from './ports/services.ts';
export { listPairs } from './samples/list-pairs.ts';
export { listSamples } from './samples/list-samples.ts';
export { PageReader } from './samples/page.ts';
export { LiveRuns } from './scheduling/live-runs.ts';
export { ServiceShares } from './scheduling/service-shares.ts';
export { RunScheduler } from './scheduling/scheduler.ts';
export { MOVING, nameOfState } from './scheduling/transitions.ts';
