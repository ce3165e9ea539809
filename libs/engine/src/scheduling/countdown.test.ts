import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Countdown } from './countdown.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('time in which it stands still does not count', () => {
  const onEnd = vi.fn();
  const countdown = new Countdown(1000, onEnd);
  vi.advanceTimersByTime(5000);
  countdown.go();
  vi.advanceTimersByTime(600);
  countdown.stop();
  vi.advanceTimersByTime(5000);
  countdown.go();
  vi.advanceTimersByTime(399);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onEnd).toHaveBeenCalledOnce();
});

test('without a limit it never ends', () => {
  const onEnd = vi.fn();
  const countdown = new Countdown(undefined, onEnd);
  countdown.go();
  vi.advanceTimersByTime(2 ** 40);
  countdown.stop();
  expect(onEnd).not.toHaveBeenCalled();
});
