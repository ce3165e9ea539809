import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withHeartbeat } from './heartbeat.ts';

let text = '';
beforeEach(() => {
  vi.useFakeTimers();
  text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('a command that says nothing gives a sign of life every ten seconds until its end', async () => {
  let resolve!: (value: number) => void;
  const promise = new Promise<number>((done) => (resolve = done));
  const waiting = withHeartbeat('checkpoints export', promise);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(text).toBe('');
  await vi.advanceTimersByTimeAsync(11_500);
  expect(text).toBe('checkpoints export: 10 s\ncheckpoints export: 20 s\n');
  resolve(7);
  expect(await waiting).toBe(7);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(text.split('\n')).toHaveLength(3);
});

it('what else was written counts as one', async () => {
  const bytes = Object.getOwnPropertyDescriptor(process.stderr, 'bytesWritten');
  let written = 0;
  Object.defineProperty(process.stderr, 'bytesWritten', { get: () => written, configurable: true });
  try {
    let resolve!: () => void;
    const promise = new Promise<void>((done) => (resolve = done));
    const waiting = withHeartbeat('generate', promise);
    for (let second = 0; second < 30; second += 5) {
      written += 10;
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(text).toBe('');
    resolve();
    await waiting;
  } finally {
    if (bytes) Object.defineProperty(process.stderr, 'bytesWritten', bytes);
    else Reflect.deleteProperty(process.stderr, 'bytesWritten');
  }
});
