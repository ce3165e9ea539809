import type { Operation, OperationsClient } from '@hone/contracts';
import { internal, throwIfAborted } from '@hone/errors';
import { callUnary } from '../client.ts';
import { fromStatus } from '../status.ts';
import type { MessageType } from './kind.ts';

/** Where an operation is: at one server, or at whichever replica answers a call. */
export type OperationEndpoint =
  OperationsClient | (<Result>(call: (client: OperationsClient) => Promise<Result>) => Promise<Result>);

/**
 * Waits for an operation's end and gives its response. Throws the HoneError that ended it; when the signal is aborted, the
 * operation is cancelled as well.
 */
export async function awaitOperation<Response, Metadata = never>(options: {
  readonly client: OperationEndpoint;
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
  const at = typeof client === 'function' ? client : <R>(call: (one: OperationsClient) => Promise<R>) => call(client);
  const { name } = operation;
  while (!operation.done) {
    throwIfAborted(leaving);
    if (signal?.aborted) await at((one) => callUnary(one, 'cancelOperation', { name }));
    const timeout = { seconds: BigInt(Math.floor(pollMs / 1000)), nanos: (pollMs % 1000) * 1_000_000 };
    const settings = { timeoutMs: pollMs + 60_000, signal: leaving };
    operation = await at((one) => callUnary(one, 'waitOperation', { name, timeout }, settings));
    if (operation.metadata && metadata && onMetadata) onMetadata(metadata.decode(operation.metadata.value));
  }
  const { result } = operation;
  if (result?.$case === 'response') return response.decode(result.value.value);
  if (result?.$case === 'error') throw fromStatus(result.value);
  throw internal(`${name} is done without a result`);
}
