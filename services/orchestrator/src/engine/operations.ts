import type { Operation, OperationsClient } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { awaitOperation, type MessageType } from '@hone/rpc';
import { requestIdOf } from '../seeds.ts';
import { callService } from './call-service.ts';
import { throwIfPausing } from './pausing.ts';
import type { ServiceName, StepContext } from './step-context.ts';

/** Work that another service does as a long-running operation. */
export interface RemoteWork<Response, Metadata> {
  /** Names the work within the run and attempt. */
  readonly key: string;
  readonly client: OperationsClient;
  readonly service: ServiceName;
  readonly response: MessageType<Response>;
  readonly metadata: MessageType<Metadata>;
  start(requestId: string): Promise<Operation>;
  onMetadata(metadata: Metadata): void;
}

/**
 * Starts an operation, or finds the one that an earlier life of this process started, and waits for its end. Where its
 * service was restarted meanwhile, or gave it up, it is started again. A pause cancels it: its service goes on with it later from
 * what it has kept.
 */
export async function runOperation<Response, Metadata>(
  context: StepContext,
  work: RemoteWork<Response, Metadata>,
): Promise<Response> {
  const { cancelling, pausing } = context;
  const tries = new OperationTries(context, work, AbortSignal.any([cancelling, pausing]));
  const signal = AbortSignal.any([context.signal, pausing]);
  try {
    return await callService(context, work.service, signal, () => tries.next());
  } catch (thrown) {
    throwIfPausing(pausing);
    throw thrown;
  }
}

class OperationTries<Response, Metadata> {
  private successor = 0;
  /** The operation that the last try waited for. */
  private awaited = '';
  private readonly context: StepContext;
  private readonly work: RemoteWork<Response, Metadata>;
  private readonly signal: AbortSignal;

  constructor(context: StepContext, work: RemoteWork<Response, Metadata>, signal: AbortSignal) {
    this.context = context;
    this.work = work;
    this.signal = signal;
  }

  async next(): Promise<Response> {
    const operation = await this.startOrFind();
    this.awaited = operation.name;
    const { timeoutMs } = this.context.policy;
    const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signal = deadline ? AbortSignal.any([this.signal, deadline]) : this.signal;
    try {
      const { client, response, metadata, onMetadata } = this.work;
      return await awaitOperation({ client, operation, response, metadata, onMetadata, signal });
    } catch (thrown) {
      if (this.signal.aborted || !(thrown instanceof HoneError)) throw thrown;
      if (isForgotten(thrown, operation)) throw restarted(thrown);
      if (thrown.code !== 'CANCELLED') throw thrown;
      throw deadline?.aborted ? tooLate(timeoutMs!, thrown) : restarted(thrown);
    }
  }

  /** An operation that has ended without a result gets a successor, which has an id of its own. */
  private async startOrFind(): Promise<Operation> {
    const operation = await this.start();
    if (!operation.done || operation.name !== this.awaited) return operation;
    this.successor += 1;
    return this.start();
  }

  private start(): Promise<Operation> {
    const { runId, iteration, attempt } = this.context;
    return this.work.start(requestIdOf(runId, iteration, this.work.key, attempt, this.successor));
  }
}

/** Whether the service answers, but does not know the operation: it was restarted. */
function isForgotten(thrown: HoneError, { name }: Operation): boolean {
  return thrown.code === 'NOT_FOUND' && thrown.metadata['resource'] === name;
}

function restarted(cause: unknown): HoneError {
  const message = 'the service was restarted while it worked';
  return new HoneError({ code: 'UNAVAILABLE', reason: 'SERVICE_RESTARTED', message, cause });
}

function tooLate(timeoutMs: number, cause: unknown): HoneError {
  const message = `the operation was not done within its deadline of ${timeoutMs / 1000} seconds`;
  return new HoneError({ code: 'DEADLINE_EXCEEDED', reason: 'OPERATION_TOO_LATE', message, cause });
}
