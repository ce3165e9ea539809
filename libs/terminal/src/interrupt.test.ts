import { afterEach, expect, it, vi } from 'vitest';
import { interruptCode, onInterrupt, untilInterrupted } from './interrupt.ts';

afterEach(() => void vi.restoreAllMocks());

it('a first Ctrl-C stops what was begun last, in order; a second one ends the process', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const before = process.listenerCount('SIGINT');
  const [outer, inner] = [vi.fn(), vi.fn()];
  const [releaseOuter, releaseInner] = [onInterrupt(outer), onInterrupt(inner)];
  expect(interruptCode()).toBeUndefined();
  process.emit('SIGINT');
  expect([outer, inner].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  expect(interruptCode()).toBe(130);
  process.emit('SIGTERM');
  expect(exit).toHaveBeenCalledWith(143);
  releaseInner();
  releaseOuter();
  expect(process.listenerCount('SIGINT')).toBe(before);
});

it('work that does not know how to stop is left behind', async () => {
  vi.resetModules();
  const fresh = (await import('./interrupt.ts')) as { untilInterrupted: typeof untilInterrupted };
  const stopped = fresh.untilInterrupted(new Promise(() => {}));
  process.emit('SIGINT');
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(fresh.untilInterrupted(Promise.resolve(3))).resolves.toBe(3);
});
