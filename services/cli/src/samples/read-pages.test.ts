import { expect, it } from 'vitest';
import { readPages } from './read-pages.ts';

/** Pages of these sizes, of numbers that go on from one to the next. */
function pagesOf(...sizes: number[]) {
  let next = 0;
  return async (_: number, pageToken: string) => {
    const page = Number(pageToken || '0');
    const items = Array.from({ length: sizes[page]! }, () => next++);
    return { items, nextPageToken: page + 1 < sizes.length ? String(page + 1) : '' };
  };
}

it.each([
  [5, [2, 0, 2], { items: [0, 1, 2, 3], hasMore: false }],
  [4, [2, 0, 2], { items: [0, 1, 2, 3], hasMore: false }],
  [3, [2, 0, 2], { items: [0, 1, 2], hasMore: true }],
  [1, [0, 0, 0], { items: [], hasMore: false }],
])('%i items of pages of %j', async (limit, sizes, read) => {
  expect(await readPages(limit, pagesOf(...sizes))).toEqual(read);
});
