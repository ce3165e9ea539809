import { expect, test } from 'vitest';
import { chunksOf } from './chunks.ts';

const prompts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ promptId: `p${index}`, promptTokenIds: Int32Array.of(index) }));

test.each([
  [1, 1, 2],
  [1, 30, 2],
  [1, 30, 7],
  [3, 2, 8],
  [500, 1, 2],
  [500, 30, 2],
  [20, 1000, 2],
])('%i prompts of %i samples on %i workers: every sample is in exactly one chunk', (count, n, workers) => {
  const chunks = chunksOf(prompts(count), n, workers);
  const seen = chunks.flatMap((chunk) =>
    chunk.flatMap(({ promptId, firstSampleIndex, n: size }) =>
      Array.from({ length: size }, (_, index) => `${promptId}/${firstSampleIndex + index}`),
    ),
  );
  const all = prompts(count).flatMap(({ promptId }) => Array.from({ length: n }, (_, index) => `${promptId}/${index}`));
  expect(seen.toSorted()).toEqual(all.toSorted());
});

test('a prompt stays in one chunk where there are enough prompts', () => {
  const chunks = chunksOf(prompts(40), 30, 2);
  expect(chunks.flat()).toHaveLength(40);
  expect(chunks.length).toBeGreaterThanOrEqual(8);
});

test('one prompt is spread over all workers', () => {
  expect(chunksOf(prompts(1), 30, 4).map((chunk) => chunk[0]?.n)).toEqual([8, 8, 8, 6]);
});
