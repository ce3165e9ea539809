import type { WatchTrainingRequest, WatchTrainingResponse } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import type { CallContext } from '@hone/rpc';
import type { MetricsLogs } from './metrics-log.ts';

/** The RPC that streams a job's metrics. */
export function watchTrainingIn(logs: MetricsLogs) {
  return async function* (
    { operation, afterStep }: WatchTrainingRequest,
    { signal }: CallContext,
  ): AsyncGenerator<WatchTrainingResponse, void, undefined> {
    if (afterStep < 0) throw invalidArgument('after_step', `must be at least 0, but is ${afterStep}`);
    yield* logs.of(operation).after(afterStep, signal);
  };
}
