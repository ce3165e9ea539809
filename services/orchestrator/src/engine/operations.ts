import type { Operation, OperationsClient } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { awaitOperation, type MessageType } from '@hone/rpc';
import { requestIdOf } from '../seeds.ts';
import { withRetries } from './retry.ts';
import type { StepContext } from './step-context.ts';

/** Work that another service does as a long-running operation. */
export interface RemoteWork<Response, Metadata> {
  /** Names the work within the run and attempt. */
  readonly key: string;
  readonly client: OperationsClient;
  readonly response: MessageType<Response>;
  readonly metadata: MessageType<Metadata>;
  start(requestId: string): Promise<Operation>;
  onMetadata(metadata: Metadata): void;
}

/** Work whose process dies twice dies for a reason: a third time would not help. */
const MAX_SUCCESSORS = 1;

/**
 * Starts an operation, or finds the one that an earlier life of this process started, and waits for its end. Where its
 * service was restarted meanwhile it is started again; an operation that ended as UNAVAILABLE, its worker process
 * being gone, gets one successor with an id of its own.
 */
export async function runOperation<Response, Metadata>(
  { runId, iteration, attempt, signal }: StepContext,
  work: RemoteWork<Response, Metadata>,
): Promise<Response> {
  let successor = 0;
  let awaited = '';
  const start = (): Promise<Operation> => work.start(requestIdOf(runId, iteration, work.key, attempt, successor));
  return withRetries(async () => {
    let operation = await start();
    if (operation.done && operation.name === awaited) {
      successor += 1;
      if (successor > MAX_SUCCESSORS) throw keepsFailing(operation);
      operation = await start();
    }
    awaited = operation.name;
    const { client, response, metadata, onMetadata } = work;
    try {
      return await awaitOperation({ client, operation, response, metadata, onMetadata, signal });
    } catch (thrown) {
      throw isForgotten(thrown, operation.name) ? restarted(thrown) : thrown;
    }
  }, signal);
}

function keepsFailing({ result }: Operation): HoneError {
  const problem = result?.$case === 'error' ? result.value.message : 'no result';
  const message = `the work was given up after ${MAX_SUCCESSORS + 1} tries: ${problem}`;
  return new HoneError({ code: 'ABORTED', reason: 'WORK_KEEPS_FAILING', message });
}

/** Whether the service answers, but does not know the operation: it was restarted. */
function isForgotten(thrown: unknown, operation: string): boolean {
  return thrown instanceof HoneError && thrown.code === 'NOT_FOUND' && thrown.metadata['resource'] === operation;
}

function restarted(cause: unknown): HoneError {
  const message = 'the service was restarted while it worked';
  return new HoneError({ code: 'UNAVAILABLE', reason: 'SERVICE_RESTARTED', message, cause });
}
