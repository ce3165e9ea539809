import { expect, test } from 'vitest';
import { UniformStream } from './uniform-stream.ts';

const take = (seed: bigint, count: number): number[] => {
  const stream = new UniformStream(seed);
  return Array.from({ length: count }, () => stream.next());
};

test('a seed gives the same numbers again, another seed others', () => {
  expect(take(7n, 20)).toEqual(take(7n, 20));
  expect(take(8n, 20)).not.toEqual(take(7n, 20));
  expect(take(7n + (1n << 40n), 20)).not.toEqual(take(7n, 20));
});

test('numbers are those of xoshiro128** seeded by SplitMix64', () => {
  // First outputs of the reference C code for seed 0: SplitMix64 gives e220a8397b1dcdaf and 6e789e6aa1b965f4, so the state
  // is 7b1dcdaf e220a839 a1b965f4 6e789e6a, and the first result is rotl(s1 * 5, 7) * 9.
  const s1 = 0xe220a839n;
  const product = (s1 * 5n) & 0xffffffffn;
  const rotated = ((product << 7n) | (product >> 25n)) & 0xffffffffn;
  const result = (rotated * 9n) & 0xffffffffn;
  expect(take(0n, 1)[0]).toBe(Number(result >> 9n) / 2 ** 23);
});

test('numbers fill [0, 1) evenly and are exact in float32', () => {
  const counts = new Array<number>(16).fill(0);
  for (const value of take(12345n, 16_000)) {
    expect(Math.fround(value)).toBe(value);
    counts[Math.floor(value * 16)]! += 1;
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 15 degrees of freedom: above 37.7 with probability 0.001.
  expect(chiSquare).toBeLessThan(37.7);
});
