import type { ServiceName } from '../ports/services.ts';
import { withRetries } from '../scheduling/retry.ts';
import type { StepContext } from './step-context.ts';

/**
 * Calls a service for a run: in its turn among the runs at work, again while the service is away. Every try that failed is told,
 * so that nobody waits without knowing for what.
 */
export function callService<Result>(
  { runId, services, shares, policy, waiting }: StepContext,
  service: ServiceName,
  signal: AbortSignal,
  call: () => Promise<Result>,
): Promise<Result> {
  const inTurn = (): Promise<Result> => shares.of(services.capacityOf(service)).use(runId, signal, call);
  return withRetries(inTurn, signal, policy, (failed) => waiting(service, failed));
}
