import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapInOrder, mergeAsTheyCome, piecesOf } from './index.ts';

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

it('results of several pieces of work come as they are, with no more than `width` at work, which may change', async () => {
  let working = 0;
  let most = 0;
  let width = 2;
  async function* work(item: number): AsyncGenerator<string> {
    most = Math.max(most, ++working);
    for (let part = 0; part < 3; part++) {
      await sleep(item === 0 ? 6 : 1);
      yield `${item}.${part}`;
    }
    if (item === 3) width = 4;
    working -= 1;
  }
  const signal = new AbortController().signal;
  const results = await collect(mergeAsTheyCome(numbers(9), { width: () => width, signal }, work));
  const all = Array.from({ length: 27 }, (_, at) => `${Math.floor(at / 3)}.${at % 3}`);
  expect(results.toSorted()).toEqual(all);
  expect(results).not.toEqual(all);
  expect(most).toBe(4);
});

it('an error of a piece of work, or leaving the loop, ends all other work', async () => {
  for (const ends of ['error', 'leaving']) {
    const ended: number[] = [];
    async function* work(item: number, signal: AbortSignal): AsyncGenerator<number> {
      try {
        yield item;
        if (item === 0 && ends === 'error') throw new Error('first');
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
      } finally {
        ended.push(item);
      }
    }
    const merged = mergeAsTheyCome(numbers(5), { width: () => 3, signal: new AbortController().signal }, work);
    const reading = (async () => {
      const read: number[] = [];
      for await (const item of merged) if (read.push(item) === 3 && ends === 'leaving') break;
    })();
    if (ends === 'error') await expect(reading).rejects.toThrow('first');
    else await reading;
    expect(ended.toSorted()).toEqual([0, 1, 2]);
  }
});
