import type { Operation, OperationsClient } from '@hone/contracts';
import { internal, throwIfAborted } from '@hone/errors';
import { callUnary } from '../client.ts';
import { fromStatus } from '../status.ts';
import type { MessageType } from './kind.ts';

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
