/** Long-running operations (google.longrunning.Operations) over work that this process does. */
import { randomUUID } from 'node:crypto';
import {
  Any,
  CancelOperationRequest,
  Empty,
  GetOperationRequest,
  ListOperationsRequest,
  ListOperationsResponse,
  Operation,
  OperationsService,
  WaitOperationRequest,
  type OperationsClient,
} from '@hone/contracts';
import {
  HoneError,
  internal,
  invalidArgument,
  notFound,
  resourceExhausted,
  unimplemented,
  throwIfAborted,
} from '@hone/errors';
import type { Logger } from 'pino';
import { callUnary } from './client.ts';
import { unary } from './handlers.ts';
import { logWorkFailure } from './log/failure.ts';
import { requireSamePayload, type RequestIdentity } from '@hone/listing';
import type { ServiceBinding } from './server.ts';
import { fromStatus, toStatus } from './status.ts';

/** What is needed of a generated message to put it into an Any. */
export interface MessageType<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** Handle of running work. */
export interface RunningOperation<Metadata> {
  /** "operations/{id}". */
  readonly name: string;
  /** Aborted when somebody cancels the operation, or the server drains. */
  readonly signal: AbortSignal;
  /** Publishes progress. */
  report(metadata: Metadata): void;
}

/** Work to start. */
export interface OperationWork<Metadata, Response> {
  /** The same request is the same operation. */
  readonly request: RequestIdentity;
  readonly metadata: MessageType<Metadata>;
  readonly response: MessageType<Response>;
  /** Full names of both messages, for their Any: "hone.trainer.v1.TrainMetadata". */
  readonly typeNames: { readonly metadata: string; readonly response: string };
  work(operation: RunningOperation<Metadata>): Promise<Response>;
}

interface Entry {
  readonly request: RequestIdentity;
  operation: Operation;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** Finished operations that are remembered; older ones are forgotten, so that memory does not grow. */
const MAX_FINISHED = 1_000;
/** Beyond these, more are refused: each holds its request, and most wait in line. */
const MAX_UNFINISHED = 256;
const DEFAULT_PAGE = 50;
const MAX_PAGE = 1_000;
const MAX_WAIT_MS = 30_000;

/** How long WaitOperation waits, in whole milliseconds: what was asked, but never longer than a client's connection can be trusted. */
export function waitMs(timeout: WaitOperationRequest['timeout']): number {
  if (!timeout) return MAX_WAIT_MS;
  const askedMs = Number(timeout.seconds) * 1000 + timeout.nanos / 1e6;
  return Math.ceil(Math.max(0, Math.min(askedMs, MAX_WAIT_MS)));
}

function pack<Message>(type: MessageType<Message>, typeName: string, message: Message): Any {
  return { typeUrl: `type.googleapis.com/${typeName}`, value: Buffer.from(type.encode(message).finish()) };
}

/** The operations of one service. */
export class OperationRegistry {
  private readonly entries = new Map<string, Entry>();
  private readonly byRequestId = new Map<string, string>();

  /** Work that fails leaves a line in the log. */
  constructor(private readonly logger?: Logger) {}

  /** The operation that a request has started already, asked before its fields are checked: what they name may be gone by now. */
  known(request: RequestIdentity): Operation | undefined {
    const entry = this.entries.get(this.byRequestId.get(request.id) ?? '');
    if (entry) requireSamePayload(entry.request.digest, request);
    return entry?.operation;
  }

  /** Starts work and answers at once; a known request is answered with the operation that it started. */
  start<Metadata, Response>(work: OperationWork<Metadata, Response>): Operation {
    const known = this.known(work.request);
    if (known) return known;
    this.requireRoom();
    const name = `operations/${randomUUID()}`;
    const controller = new AbortController();
    const update = (change: Partial<Operation>): void => {
      const entry = this.entries.get(name);
      if (entry) entry.operation = { ...entry.operation, ...change };
    };
    const run = async (): Promise<void> => {
      try {
        const response = await work.work({
          name,
          signal: controller.signal,
          report: (metadata) => update({ metadata: pack(work.metadata, work.typeNames.metadata, metadata) }),
        });
        const value = pack(work.response, work.typeNames.response, response);
        update({ done: true, result: { $case: 'response', value } });
      } catch (thrown) {
        update({ done: true, result: { $case: 'error', value: toStatus(thrown) } });
        if (this.logger) logWorkFailure(this.logger, thrown, 'operation failed', { operation: name });
      }
    };
    const operation = Operation.fromPartial({ name });
    // The work starts in a later turn, so that the entry exists before its first report.
    this.entries.set(name, { request: work.request, operation, controller, done: Promise.resolve().then(run) });
    if (work.request.id) this.byRequestId.set(work.request.id, name);
    this.forgetOldest();
    return operation;
  }

  /** Cancels all running work and waits for its end. */
  async close(): Promise<void> {
    for (const entry of this.entries.values()) entry.controller.abort();
    await Promise.all([...this.entries.values()].map((entry) => entry.done));
  }

  /** The google.longrunning.Operations service over these operations. */
  get service(): ServiceBinding {
    return {
      definition: OperationsService,
      implementation: {
        getOperation: unary(async ({ name }: GetOperationRequest) => this.entryOf(name).operation),
        waitOperation: unary((request: WaitOperationRequest, { signal }) => this.wait(request, signal)),
        cancelOperation: unary(async ({ name }: CancelOperationRequest) => {
          this.entryOf(name).controller.abort();
          return Empty.fromPartial({});
        }),
        listOperations: unary(async (request: ListOperationsRequest) => this.list(request)),
        deleteOperation: unary(async () => {
          throw unimplemented('operations are forgotten by themselves; DeleteOperation is not supported');
        }),
      },
    };
  }

  private entryOf(name: string): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw notFound(name, 'the server was restarted since, or has forgotten it; start it again');
    return entry;
  }

  private async wait(request: WaitOperationRequest, signal: AbortSignal): Promise<Operation> {
    const entry = this.entryOf(request.name);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs(request.timeout));
      const finish = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', finish, { once: true });
      void entry.done.then(finish);
    });
    return entry.operation;
  }

  private list(request: ListOperationsRequest): ListOperationsResponse {
    const offset = request.pageToken === '' ? 0 : Number(request.pageToken);
    if (!Number.isInteger(offset) || offset < 0) throw invalidArgument('page_token', 'is not one this server gave');
    const { pageSize } = request;
    if (pageSize < 0 || pageSize > MAX_PAGE)
      throw invalidArgument('page_size', `must be from 0 to ${MAX_PAGE}, but is ${pageSize}`);
    const size = pageSize || DEFAULT_PAGE;
    const all = [...this.entries.values()].map((entry) => entry.operation);
    const nextPageToken = offset + size < all.length ? String(offset + size) : '';
    return ListOperationsResponse.fromPartial({ operations: all.slice(offset, offset + size), nextPageToken });
  }

  private requireRoom(): void {
    const unfinished = [...this.entries.values()].filter(({ operation }) => !operation.done).length;
    if (unfinished < MAX_UNFINISHED) return;
    const message = `${unfinished} operations are under way or wait in line: ask again when some have ended`;
    throw resourceExhausted('TOO_MANY_OPERATIONS', message);
  }

  private forgetOldest(): void {
    const finished = [...this.entries].filter(([, entry]) => entry.operation.done);
    for (const [name, { request }] of finished.slice(0, Math.max(0, finished.length - MAX_FINISHED))) {
      this.entries.delete(name);
      this.byRequestId.delete(request.id);
    }
  }
}

/**
 * Waits for an operation's end and gives its response. Throws the HoneError that ended it; when the signal is aborted, the
 * operation is cancelled as well.
 */
export async function awaitOperation<Response, Metadata = never>(options: {
  readonly client: OperationsClient;
  readonly operation: Operation;
  readonly response: MessageType<Response>;
  readonly metadata?: MessageType<Metadata>;
  readonly onMetadata?: (metadata: Metadata) => void;
  readonly signal?: AbortSignal | undefined;
  /** Aborted when nobody waits any longer; the operation goes on. */
  readonly leaving?: AbortSignal | undefined;
  /** How often progress is asked for. */
  readonly pollMs?: number;
}): Promise<Response> {
  const { client, response, metadata, onMetadata, signal, leaving, pollMs = 500 } = options;
  let { operation } = options;
  while (!operation.done) {
    throwIfAborted(leaving);
    if (signal?.aborted) await callUnary(client, 'cancelOperation', { name: operation.name });
    const timeout = { seconds: BigInt(Math.floor(pollMs / 1000)), nanos: (pollMs % 1000) * 1_000_000 };
    operation = await callUnary(
      client,
      'waitOperation',
      { name: operation.name, timeout },
      { timeoutMs: pollMs + 60_000, signal: leaving },
    );
    if (operation.metadata && metadata && onMetadata) onMetadata(metadata.decode(operation.metadata.value));
  }
  const { result } = operation;
  if (result?.$case === 'response') return response.decode(result.value.value);
  if (result?.$case === 'error') throw fromStatus(result.value);
  throw internal(`${operation.name} is done without a result`);
}

/** Whether an error says that the operation's server no longer knows it. */
export function isOperationLost(thrown: unknown): boolean {
  return thrown instanceof HoneError && (thrown.code === 'NOT_FOUND' || thrown.code === 'UNAVAILABLE');
}
