import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapInOrder, piecesOf } from './index.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let at = 0; at < count; at++) yield at;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

it('pieces are bounded by number and size, and an item too big is one of its own', async () => {
  const sizes = piecesOf(numbers(7), { maxItems: 3, maxBytes: 10, bytesOf: (at) => (at === 4 ? 50 : 4) });
  expect(await collect(sizes)).toEqual([[0, 1], [2, 3], [4], [5, 6]]);
  expect(await collect(piecesOf(numbers(4), { maxItems: 3, maxBytes: 10, bytesOf: () => 1 }))).toEqual([
    [0, 1, 2],
    [3],
  ]);
  expect(await collect(piecesOf(numbers(0), { maxItems: 3, maxBytes: 10, bytesOf: () => 1 }))).toEqual([]);
});

it('results keep the order of the items whichever ends first, and no more than `width` are at work', async () => {
  let working = 0;
  let most = 0;
  const work = async (at: number): Promise<number> => {
    most = Math.max(most, ++working);
    await sleep(at % 3 === 0 ? 8 : 1);
    working -= 1;
    return at;
  };
  const signal = new AbortController().signal;
  expect(await collect(mapInOrder(numbers(9), { width: 3, signal }, work))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most).toBe(3);
});

it('the first error ends all other work', async () => {
  const aborted: number[] = [];
  const work = async (at: number, signal: AbortSignal): Promise<number> => {
    if (at === 0) throw new Error('first');
    signal.addEventListener('abort', () => aborted.push(at));
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
    return at;
  };
  const signal = new AbortController().signal;
  await expect(collect(mapInOrder(numbers(5), { width: 3, signal }, work))).rejects.toThrow('first');
  expect(aborted).toEqual([1, 2]);
});
