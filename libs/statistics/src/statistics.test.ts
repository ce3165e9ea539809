import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { majorityAccuracy, passAtK, Random, seedFor, wilson, type Vote } from './index.ts';

const reference = path.resolve(
  fileURLToPath(new URL('../../../', import.meta.url)),
  process.env['HONE_REFERENCE_DATA'] ?? '../shared',
  'golden/eval/maj_pass_intervals.json',
);
const vote = (answer: string | null, gold = 'a'): Vote => ({ answer, right: answer === gold });

test('invalid answers do not vote', () => {
  expect(majorityAccuracy([vote(null), vote(null), vote('a')])).toBe(1);
  expect(majorityAccuracy([vote(null), vote(null)])).toBe(0);
});

test('at a tie each leading answer counts with its share', () => {
  expect(majorityAccuracy([vote('a'), vote('b')])).toBe(0.5);
  expect(majorityAccuracy([vote('a'), vote('b'), vote('c')])).toBeCloseTo(1 / 3, 12);
});

test('pass@k is the share of k-subsets that hold a right sample', () => {
  expect(passAtK(4, 1, 2)).toBeCloseTo(0.5, 12);
  expect(passAtK(5, 0, 3)).toBe(0);
  expect(passAtK(5, 3, 3)).toBe(1);
});

test('pass@k of more samples than there are, or of impossible counts, is an error', () => {
  expect(() => passAtK(4, 1, 5)).toThrow(/^k: /);
  expect(() => passAtK(4, 1, 0)).toThrow(/^k: /);
  expect(() => passAtK(4, 5, 1)).toThrow(/^c: /);
});

test('the Wilson interval stays within its ends', () => {
  expect(wilson(0, 10).lower).toBe(0);
  expect(wilson(10, 10).upper).toBe(1);
  expect(wilson(50, 100).lower).toBeCloseTo(0.4038315, 6);
});

test('random numbers are the same for the same seed, uniform, and normal', () => {
  const [one, two] = [new Random(7n), new Random(7n)];
  const draws = Array.from({ length: 20_000 }, () => one.uniform());
  expect(draws.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => two.uniform()));
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
  const normals = Array.from({ length: 20_000 }, () => one.normal());
  expect(normals.reduce((sum, draw) => sum + draw * draw, 0) / normals.length).toBeCloseTo(1, 1);
});

test('a shuffle keeps every item, and different seeds give different orders', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = new Random(1n).shuffle([...items]);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  expect(shuffled).not.toEqual(new Random(2n).shuffle([...items]));
});

test('a seed depends on each of its parts and on where they are cut', () => {
  expect(seedFor('run', 1)).toBe(seedFor('run', 1));
  expect(seedFor('run', 1)).not.toBe(seedFor('run', 2));
  expect(seedFor('ab', 'c')).not.toBe(seedFor('a', 'bc'));
});

interface Item {
  readonly gold: string;
  readonly samples: readonly (string | null)[];
  readonly correct: number;
  readonly maj_all_expected_tiebreak: number;
  readonly maj_at_k_first_k: Readonly<Record<string, number>>;
  readonly pass_at_k: Readonly<Record<string, number>>;
}

describe.skipIf(!existsSync(reference))('equal to the reference values (needs HONE_REFERENCE_DATA)', () => {
  // The body runs also where the tests are skipped.
  const golden = existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : undefined;
  test('Wilson intervals', () => {
    for (const { n, successes, wilson: expected } of golden.intervals_95) {
      const { lower, upper } = wilson(successes, n);
      expect(Math.abs(lower - expected[0])).toBeLessThan(1e-9);
      expect(Math.abs(upper - expected[1])).toBeLessThan(1e-9);
    }
  });
  test('pass@k', () => {
    for (const { n, c, k, value } of golden.pass_at_k_table)
      expect(Math.abs(passAtK(n, c, k) - value)).toBeLessThan(1e-9);
  });
  const items: Item[] = golden?.cases.flatMap(({ items }: { items: Item[] }) => items) ?? [];
  test('majority votes with ties and missing answers, of all and of the first k samples', () => {
    expect(items.length).toBeGreaterThan(0);
    for (const { gold, samples, maj_all_expected_tiebreak: all, maj_at_k_first_k: firstK } of items) {
      const votes = samples.map((answer) => vote(answer, gold));
      expect(Math.abs(majorityAccuracy(votes) - all)).toBeLessThan(1e-9);
      for (const [k, value] of Object.entries(firstK))
        expect(Math.abs(majorityAccuracy(votes.slice(0, Number(k))) - value)).toBeLessThan(1e-9);
    }
  });
  test('pass@k of every problem', () => {
    for (const { samples, correct, pass_at_k: values } of items) {
      for (const [k, value] of Object.entries(values))
        expect(Math.abs(passAtK(samples.length, correct, Number(k)) - value)).toBeLessThan(1e-9);
    }
  });
});
