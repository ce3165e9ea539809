import { expect, it } from 'vitest';
import { requestIdOf, seedOf } from './seeds.ts';

it('seeds are fixed by the run seed, iteration, purpose and detail, and differ where any of them does', () => {
  // Fixed for ever: another value would make other runs of old specs.
  expect(seedOf(1n, 2, 'sample')).toBe(9163991950699199598n);
  const seeds = [
    seedOf(1n, 2, 'sample'),
    seedOf(2n, 2, 'sample'),
    seedOf(1n, 3, 'sample'),
    seedOf(1n, 2, 'train'),
    seedOf(1n, 2, 'sample', 'x'),
    seedOf(12n, 2, 'sample'),
    seedOf(1n, 22, 'sample'),
  ];
  expect(new Set(seeds).size).toBe(seeds.length);
});

it('request ids are UUIDs that name the same work the same way', () => {
  expect(requestIdOf('run', 1, 'train')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(requestIdOf('run', 1, 'train')).toBe(requestIdOf('run', 1, 'train'));
  expect(requestIdOf('run', 1, 'train')).not.toBe(requestIdOf('run', 11, 'train'));
  expect(requestIdOf('ab', 'c')).not.toBe(requestIdOf('a', 'bc'));
});
