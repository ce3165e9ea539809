import { Random } from '@hone/statistics';
import { expect, test } from 'vitest';
import { EvenCut } from './even-cut.ts';

/** How many are left to each where one record after the other is taken from who has most. */
function naive(counts: readonly number[], most: number): number[] {
  const left = [...counts];
  while (left.reduce((sum, count) => sum + count, 0) > most) left[left.indexOf(Math.max(...left))]! -= 1;
  return left;
}

const sorted = (values: readonly number[]): number[] => [...values].sort((one, other) => one - other);

function leftOf(counts: readonly number[], most: number, seed: bigint, order = counts.map((_, index) => index)) {
  const cut = new EvenCut(most, seed);
  for (const index of order) cut.count(`p${index}`, counts[index]!);
  return counts.map((count, index) => cut.left(`p${index}`, count));
}

test('so many are left in all, spread as evenly as can be, and nobody has more than before', () => {
  const random = new Random(1n);
  for (let round = 0; round < 300; round++) {
    const counts = Array.from({ length: 1 + Math.floor(random.uniform() * 12) }, () =>
      Math.floor(random.uniform() * 9),
    );
    const most = 1 + Math.floor(random.uniform() * 40);
    const left = leftOf(counts, most, BigInt(round));
    expect(sorted(left)).toEqual(sorted(naive(counts, most)));
    for (const [index, count] of left.entries()) expect(count).toBeLessThanOrEqual(counts[index]!);
  }
});

test('who is left one more is said by the seed, and not by the order', () => {
  const counts = [5, 5, 5, 5, 1];
  const left = leftOf(counts, 10, 3n);
  expect(leftOf(counts, 10, 3n, [4, 2, 0, 1, 3])).toEqual(left);
  const others = [1n, 2n, 4n, 5n, 6n, 7n].map((seed) => leftOf(counts, 10, seed).join());
  expect(new Set(others).size).toBeGreaterThan(1);
});
