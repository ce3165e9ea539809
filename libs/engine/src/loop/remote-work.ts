import type { Operation } from '@hone/contracts';
import { HoneError, StatusCode } from '@hone/errors';
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
 * Starts an operation, or finds the one that an earlier life of this process started, and waits for its end. It outlives its
 * service's process; where it ended without a result, or its record is lost, it is started again. A pause cancels it: its successor
 * goes on from what its service has kept.
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
      if (thrown.code === 'CANCELLED' && deadline?.aborted) throw tooLate(timeoutMs!, thrown);
      throw isToBeStartedAgain(thrown, operation) ? startAgain(thrown) : thrown;
    }
  }

  /** An operation that was waited for, or cancelled before, and has no result gets a successor, which has an id of its own. */
  private async startOrFind(): Promise<Operation> {
    for (;;) {
      const operation = await this.start();
      if (!operation.done || (operation.name !== this.awaited && !isCancelled(operation))) return operation;
      this.successor += 1;
    }
  }

  private start(): Promise<Operation> {
    const { runId, iteration, attempt, signal, key } = this.context;
    const requestId = requestIdOf(runId, iteration, key.name, attempt, this.successor);
    return this.step.work.start({ ...this.step.request, requestId } as Request, { signal });
  }
}

/** Whether it was cancelled before its end, as a pause does. */
const isCancelled = ({ result }: Operation): boolean =>
  result?.$case === 'error' && result.value.code === StatusCode.CANCELLED;

/**
 * Whether the operation says nothing of the work: somebody cancelled it (a pause did, in an earlier life), its service could not go on
 * with it, or its record was lost with its disk.
 */
function isToBeStartedAgain({ code, reason, metadata }: HoneError, { name }: Operation): boolean {
  const isLost = code === 'NOT_FOUND' && metadata['resource'] === name;
  return isLost || code === 'CANCELLED' || reason === 'SERVICE_RESTARTED';
}

function startAgain(cause: HoneError): HoneError {
  const message = `the work is started again: ${cause.message}`;
  return HoneError.received({ code: 'UNAVAILABLE', reason: cause.reason, message, cause });
}

function tooLate(timeoutMs: number, cause: unknown): HoneError {
  const message = `the operation was not done within its deadline of ${timeoutMs / 1000} seconds`;
  return new HoneError({ code: 'DEADLINE_EXCEEDED', reason: 'OPERATION_TOO_LATE', message, cause });
}
