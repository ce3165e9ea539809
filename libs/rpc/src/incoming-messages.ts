/** The messages that a caller streams to a server, within limits: no caller holds a server's memory, disk or handlers for good. */
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { HoneError, resourceExhausted, throwIfAborted } from '@hone/errors';
import { sizeOfRequest, wellFormedRequest } from './malformed.ts';

/** What one stream, and all of one caller, may take. */
export interface StreamLimits {
  /** Longest wait for the next message. */
  readonly idleMs: number;
  /** Streams that one caller, told by its host, may have open at a time. */
  readonly openPerCaller: number;
  /** Bytes of one stream, as they came over the wire. */
  readonly bytes: number;
}

/** Far above what any client of ours needs: the largest uploads are models, of which 64 GiB holds 16 billion weights in fp32. */
const STREAM_LIMITS: StreamLimits = { idleMs: 60_000, openPerCaller: 64, bytes: 64 * 2 ** 30 };

const openStreams = new Map<string, number>();

/** A call whose messages are read. */
export type IncomingCall = Readable & { getPeer(): string };

/**
 * The caller's messages, without ending the response stream when the reader stops early. HTTP/2 ends the messages of a call
 * that was cancelled like those of a complete one, and tells of the cancellation only then: the difference between half an
 * upload and a whole one.
 */
export async function* messagesOf<Message>(
  call: IncomingCall,
  signal: AbortSignal,
  limits: StreamLimits = STREAM_LIMITS,
): AsyncGenerator<Message, void, undefined> {
  const close = openStream(callerOf(call), limits);
  try {
    const messages = call.iterator({ destroyOnReturn: false }) as AsyncIterator<Message>;
    let bytes = 0;
    for (;;) {
      const { done, value } = await inTime(messages.next(), limits.idleMs);
      if (done) break;
      const message = wellFormedRequest(value);
      bytes += sizeOfRequest(message);
      if (bytes > limits.bytes) throw tooMuch(`one stream may bring ${limits.bytes} bytes: send less in each`);
      yield message;
    }
    await setImmediate();
    throwIfAborted(signal);
  } finally {
    close();
  }
}

/** "127.0.0.1:40123" and "[::1]:40123" without their ports. */
function callerOf(call: IncomingCall): string {
  const peer = call.getPeer();
  return peer.slice(0, Math.max(peer.lastIndexOf(':'), 0));
}

/** Counts a stream until it is closed. */
function openStream(caller: string, { openPerCaller }: StreamLimits): () => void {
  const open = (openStreams.get(caller) ?? 0) + 1;
  if (open > openPerCaller) throw tooMuch(`a caller may have ${openPerCaller} streams open: end one first`);
  openStreams.set(caller, open);
  return () => {
    const left = openStreams.get(caller)! - 1;
    if (left > 0) openStreams.set(caller, left);
    else openStreams.delete(caller);
  };
}

async function inTime<Value>(next: Promise<Value>, idleMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `no message came for ${idleMs / 1000} s: send the next one sooner, or end the stream`;
    const idle = new HoneError({ code: 'DEADLINE_EXCEEDED', reason: 'STREAM_IDLE', message });
    timer = setTimeout(() => reject(idle), idleMs);
  });
  try {
    return await Promise.race([next, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooMuch(message: string): HoneError {
  return resourceExhausted('STREAM_LIMIT', message);
}
