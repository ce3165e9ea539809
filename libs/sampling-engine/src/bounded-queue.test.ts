import { expect, test } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a writer waits where the reader does not keep pace', async () => {
  const queue = new BoundedQueue<number>(2);
  const reader = queue.read();
  await queue.push(1);
  let resumed = false;
  const second = queue.push(2).then(() => (resumed = true));
  await tick();
  expect(resumed).toBe(false);
  expect(await reader.next()).toEqual({ done: false, value: 1 });
  await second;
  expect(resumed).toBe(true);
});

test('what was written before the end is read', async () => {
  const queue = new BoundedQueue<number>(10);
  void queue.push(1);
  void queue.push(2);
  queue.end();
  const read: number[] = [];
  for await (const item of queue.read()) read.push(item);
  expect(read).toEqual([1, 2]);
});

test('an error reaches a reader that waits', async () => {
  const queue = new BoundedQueue<number>(10);
  const next = queue.read().next();
  await tick();
  queue.fail(new Error('worker died'));
  await expect(next).rejects.toThrow('worker died');
});

test('the end lets waiting writers go', async () => {
  const queue = new BoundedQueue<number>(1);
  const blocked = queue.push(1);
  queue.end();
  await expect(blocked).resolves.toBeUndefined();
});
