import type { Operation } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import type { RemoteWork, ServiceName } from '../ports/services.ts';
import { throwIfPausing } from '../scheduling/pausing.ts';
import { callService } from './call-service.ts';
import { requestIdOf } from './seeds.ts';
import type { StepContext } from './step-context.ts';

/** Work of a step that another service does as a long-running operation. */
export interface RemoteStep<Request, Response, Metadata> {
  readonly service: ServiceName;
  readonly work: RemoteWork<Request, Response, Metadata>;
  /** All but the id. */
  readonly request: Omit<Request, 'requestId'>;
  onMetadata(metadata: Metadata): void;
}

/**
 * Starts an operation, or finds the one that an earlier life of this process started, and waits for its end. Where its
 * service was restarted meanwhile, or gave it up, it is started again. A pause cancels it: its service goes on with it later from
 * what it has kept.
 */
export async function runRemotely<Request extends { requestId: string }, Response, Metadata>(
  context: StepContext,
  step: RemoteStep<Request, Response, Metadata>,
): Promise<Response> {
  const { cancelling, pausing } = context;
  const tries = new OperationTries(context, step, AbortSignal.any([cancelling, pausing]));
  const signal = AbortSignal.any([context.signal, pausing]);
  try {
    return await callService(context, step.service, signal, () => tries.next());
  } catch (thrown) {
    throwIfPausing(pausing);
    throw thrown;
  }
}

class OperationTries<Request extends { requestId: string }, Response, Metadata> {
  private successor = 0;
  /** The operation that the last try waited for. */
  private awaited = '';
  private readonly context: StepContext;
  private readonly step: RemoteStep<Request, Response, Metadata>;
  private readonly signal: AbortSignal;

  constructor(context: StepContext, step: RemoteStep<Request, Response, Metadata>, signal: AbortSignal) {
    this.context = context;
    this.step = step;
    this.signal = signal;
  }

  async next(): Promise<Response> {
    const operation = await this.startOrFind();
    this.awaited = operation.name;
    const { timeoutMs } = this.context.policy;
    const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signal = deadline ? AbortSignal.any([this.signal, deadline]) : this.signal;
    try {
      const { work, onMetadata } = this.step;
      return await work.wait(operation, { signal, leaving: this.context.ending, onMetadata });
    } catch (thrown) {
      if (this.signal.aborted || this.context.ending.aborted || !(thrown instanceof HoneError)) throw thrown;
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
    const { runId, iteration, attempt, signal, key } = this.context;
    const requestId = requestIdOf(runId, iteration, key.name, attempt, this.successor);
    return this.step.work.start({ ...this.step.request, requestId } as Request, { signal });
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
