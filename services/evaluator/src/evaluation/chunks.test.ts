import { expect, test, vi } from 'vitest';
import { Batch, chunksOf } from './chunks.ts';

async function* stream(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

async function pieces(texts: string[], maxItems: number, maxSize: number): Promise<string[][]> {
  const limits = { maxItems, maxSize, sizeOf: (text: string) => text.length };
  const all: string[][] = [];
  for await (const piece of chunksOf(stream(...texts), limits)) all.push(piece);
  return all;
}

test('pieces keep the order and the limit in number', async () => {
  expect(await pieces(['a', 'b', 'c', 'd', 'e'], 2, 100)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('pieces keep the limit in size, and a single item above it stands alone', async () => {
  expect(await pieces(['aa', 'bb', 'ccccccc', 'd'], 10, 4)).toEqual([['aa', 'bb'], ['ccccccc'], ['d']]);
});

test('nothing gives no piece', async () => {
  expect(await pieces([], 2, 2)).toEqual([]);
});

test('a batch is as old as its oldest item', () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const batch = new Batch<string>({ maxItems: 9, maxSize: 9, sizeOf: () => 1 });
  expect(batch.isOlderThan(0)).toBe(false);
  batch.add('a');
  now.mockReturnValue(1500);
  batch.add('b');
  now.mockReturnValue(2001);
  expect([batch.isOlderThan(1000), batch.isOlderThan(1001)]).toEqual([true, false]);
  batch.take();
  batch.add('c');
  expect(batch.isOlderThan(0)).toBe(false);
  now.mockRestore();
});
