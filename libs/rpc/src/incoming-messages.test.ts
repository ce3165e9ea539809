import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { IncomingCall, StreamLimits } from './incoming-messages.ts';
import { messagesOf } from './incoming-messages.ts';
import { readingSafely } from './malformed.ts';

const LIMITS: StreamLimits = { idleMs: 60, openPerCaller: 2, bytes: 10 };
const { signal } = new AbortController();

/** A call of this peer that brings these messages and then stays open. */
function callOf(messages: readonly unknown[], peer = '10.0.0.1:1000'): IncomingCall {
  const call = new Readable({ objectMode: true, read: () => {} });
  for (const message of messages) call.push(message);
  return Object.assign(call, { getPeer: () => peer });
}

/** Messages as a server reads them, of so many bytes on the wire. */
function received(...sizes: number[]): unknown[] {
  const method = { path: '/a.B/C', requestDeserialize: (bytes: Buffer) => ({ bytes }) };
  const { C } = readingSafely({ C: method } as never);
  return sizes.map((size) => C!.requestDeserialize(Buffer.alloc(size)));
}

async function readAll(call: IncomingCall): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const message of messagesOf(call, signal, LIMITS)) read.push(message);
  return read;
}

test('messages come in order, until the caller ends them', async () => {
  const call = callOf(received(3, 4));
  call.push(null);
  await expect(readAll(call)).resolves.toHaveLength(2);
});

test('a stream whose caller sends nothing is ended', async () => {
  await expect(readAll(callOf(received(1)))).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    reason: 'STREAM_IDLE',
  });
});

test('time in which the server does not ask for a message is not held against the caller', async () => {
  const call = callOf(received(1, 1));
  call.push(null);
  let count = 0;
  for await (const message of messagesOf(call, signal, LIMITS)) {
    expect(message).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMITS.idleMs));
    count += 1;
  }
  expect(count).toBe(2);
});

test('a stream of too many bytes is refused with the limit', async () => {
  await expect(readAll(callOf(received(6, 6)))).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'STREAM_LIMIT',
    message: expect.stringContaining('10 bytes'),
  });
});

test('a caller has so many streams open at a time, whatever its ports; another has its own', async () => {
  const open = [1, 2].map((port) => messagesOf(callOf(received(1), `10.0.0.1:${port}`), signal, LIMITS));
  for (const stream of open) await stream.next();
  await expect(readAll(callOf([], '10.0.0.1:3'))).rejects.toMatchObject({ reason: 'STREAM_LIMIT' });
  const other = callOf(received(1), '[::1]:3');
  other.push(null);
  await expect(readAll(other)).resolves.toHaveLength(1);
  await open[0]!.return(undefined);
  const next = callOf(received(1), '10.0.0.1:4');
  next.push(null);
  await expect(readAll(next)).resolves.toHaveLength(1);
  await open[1]!.return(undefined);
});
