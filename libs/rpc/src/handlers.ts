/** Turns plain async functions into grpc-js handlers: cancellation becomes an AbortSignal, errors become statuses. */
import { once } from 'node:events';
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerDuplexStream,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { EventEmitter } from 'node:events';
import { messagesOf } from './incoming-messages.ts';
import { inCall } from './log/context.ts';
import { wellFormedRequest } from './malformed.ts';
import { toGrpcStatus } from './status.ts';

/** What a handler may know of its call. */
export interface CallContext {
  /** Aborted when the caller cancels or its deadline passes. */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
}

function contextOf(call: EventEmitter & { metadata: Metadata; cancelled: boolean }): CallContext {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  call.once('cancelled', () => controller.abort());
  return { signal: controller.signal, metadata: call.metadata };
}

type ResponseStream<Request, Response> =
  ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>;

/** Writes at the pace of the reader, so that a slow client does not make the server's memory grow. */
async function writeAll<Request, Response>(
  call: ResponseStream<Request, Response>,
  responses: AsyncIterable<Response>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const response of responses) {
      if (signal.aborted) return;
      if (!call.write(response)) await once(call, 'drain', { signal });
    }
    call.end();
  } catch (thrown) {
    if (!signal.aborted) call.emit('error', toGrpcStatus(thrown));
  }
}

/** One request, one response. */
export function unary<Request, Response>(
  handle: (request: Request, context: CallContext) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const answer = async (): Promise<Response> => handle(wellFormedRequest(call.request), contextOf(call));
    inCall(call.getPath(), answer).then(
      (response) => callback(null, response),
      (thrown: unknown) => callback(toGrpcStatus(thrown)),
    );
  };
}

/** One request, a stream of responses. */
export function serverStream<Request, Response>(
  handle: (request: Request, context: CallContext) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const context = contextOf(call);
    async function* responses(): AsyncGenerator<Response> {
      yield* handle(wellFormedRequest(call.request), context);
    }
    inCall(call.getPath(), () => void writeAll(call, responses(), context.signal));
  };
}

/** A stream of requests, one response. */
export function clientStream<Request, Response>(
  handle: (requests: AsyncIterable<Request>, context: CallContext) => Promise<Response>,
): handleClientStreamingCall<Request, Response> {
  return (call, callback) => {
    const context = contextOf(call);
    const answer = async (): Promise<Response> => handle(messagesOf<Request>(call, context.signal), context);
    inCall(call.getPath(), answer).then(
      (response) => callback(null, response),
      (thrown: unknown) => callback(toGrpcStatus(thrown)),
    );
  };
}

/** A stream of requests, a stream of responses. */
export function bidiStream<Request, Response>(
  handle: (requests: AsyncIterable<Request>, context: CallContext) => AsyncIterable<Response>,
): handleBidiStreamingCall<Request, Response> {
  return (call) => {
    const context = contextOf(call);
    const answer = (): AsyncIterable<Response> => handle(messagesOf<Request>(call, context.signal), context);
    inCall(call.getPath(), () => void writeAll(call, answer(), context.signal));
  };
}
