import { expect, test } from 'vitest';
import { chunksOf } from './chunks.ts';

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
