import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  bootstrapBca,
  bootstrapPercentile,
  clopperPearson,
  majorityAccuracy,
  majorityAtK,
  mcNemar,
  normalCdf,
  normalQuantile,
  pairedDifference,
  passAtK,
  Random,
  seedFor,
  wilson,
  wilsonCorrected,
  type Vote,
} from './index.ts';

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

test('maj@k by draws agrees with the exact value within its standard error', () => {
  const votes = Array.from({ length: 20 }, (_, i) => vote(['a', 'b', null, 'c', 'a'][i % 5]!));
  const exact = majorityAtK(votes, 5, { seed: 1n });
  expect(exact.standardError).toBe(0);
  // The same shares among more samples than the exact sum takes.
  const many = Array.from({ length: 60 }, () => votes).flat();
  const drawn = majorityAtK(many, 5, { seed: 1n, draws: 20_000 });
  expect(drawn.standardError).toBeGreaterThan(0);
  expect(drawn.standardError).toBeLessThan(0.005);
  const unlimited = majorityAtK(Array.from({ length: 50 }, () => votes).flat(), 5, { seed: 1n });
  expect(unlimited.standardError).toBe(0);
  expect(Math.abs(drawn.accuracy - unlimited.accuracy)).toBeLessThan(5 * drawn.standardError);
  expect(majorityAtK(many, 5, { seed: 1n })).toEqual(majorityAtK(many, 5, { seed: 1n }));
});

test('maj@1 is the share of right samples, and maj@n of all samples is the plain majority', () => {
  const votes = [vote('a'), vote('b'), vote(null), vote('a'), vote('c')];
  expect(majorityAtK(votes, 1, { seed: 0n }).accuracy).toBeCloseTo(2 / 5, 12);
  expect(majorityAtK(votes, 5, { seed: 0n }).accuracy).toBe(majorityAccuracy(votes));
  expect(() => majorityAtK(votes, 6, { seed: 0n })).toThrow(/^k: /);
});

test('an interval holds the share, and the corrected and the exact one are wider than Wilson', () => {
  for (const [correct, total] of [
    [0, 5],
    [3, 11],
    [40, 41],
    [500, 1000],
  ] as const) {
    const plain = wilson(correct, total);
    for (const interval of [plain, wilsonCorrected(correct, total), clopperPearson(correct, total)]) {
      expect(interval.lower).toBeLessThanOrEqual(correct / total);
      expect(interval.upper).toBeGreaterThanOrEqual(correct / total);
      expect(interval.upper - interval.lower).toBeGreaterThanOrEqual(plain.upper - plain.lower);
    }
  }
});

test('impossible counts and levels of an interval are errors', () => {
  expect(() => wilson(3, 2)).toThrow(/^correct: /);
  expect(() => wilson(1, 2, 1)).toThrow(/^confidence: /);
  expect(() => clopperPearson(0.5, 2)).toThrow(/^correct: .*whole/);
  expect(() => clopperPearson(1, 1.5)).toThrow(/^total: /);
  expect(() => mcNemar(-1, 2)).toThrow(/^count: /);
});

test('the normal quantile inverts the distribution function', () => {
  for (let x = -8; x <= 5; x += 0.37) expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 9);
  expect(normalQuantile(0)).toBe(-Infinity);
  expect(normalQuantile(1)).toBe(Infinity);
});

test('McNemar: models that never differ, or differ evenly, are not told apart', () => {
  expect(mcNemar(0, 0).pValue).toBe(1);
  expect(mcNemar(7, 7).pValue).toBe(1);
  expect(mcNemar(10, 0).pValue).toBeCloseTo(2 / 1024, 12);
});

test('a bootstrap is the same for the same seed, and of equal values it is their value', () => {
  const values = [0, 1, 1, 0, 1, 0.5, 1];
  expect(bootstrapBca(values, { seed: 3n })).toEqual(bootstrapBca(values, { seed: 3n }));
  for (const bootstrap of [bootstrapPercentile, bootstrapBca])
    expect(bootstrap([1, 1, 1], { seed: 3n, resamples: 50 })).toEqual({ lower: 1, upper: 1 });
  expect(() => bootstrapPercentile([], { seed: 3n })).toThrow(/^values: /);
  expect(() => bootstrapPercentile(values, { seed: 3n, resamples: 0 })).toThrow(/^resamples: /);
});

test('a paired difference of scores that are not paired is an error', () => {
  expect(() => pairedDifference([1], [1, 0], { seed: 1n })).toThrow(/^second: /);
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
  /** Only where there are few subsets. */
  readonly maj_at_k_all_subsets?: Readonly<Record<string, number | null>>;
  readonly pass_at_k: Readonly<Record<string, number>>;
}

describe.skipIf(!existsSync(reference))('equal to the reference values (needs HONE_REFERENCE_DATA)', () => {
  // The body runs also where the tests are skipped.
  const golden = existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : undefined;
  test.each([
    ['wilson', wilson],
    ['wilson_cc', wilsonCorrected],
    ['clopper_pearson', clopperPearson],
  ] as const)('intervals: %s', (name, interval) => {
    for (const { n, successes, [name]: expected } of golden.intervals_95) {
      const { lower, upper } = interval(successes, n);
      expect(Math.abs(lower - expected[0])).toBeLessThan(1e-9);
      expect(Math.abs(upper - expected[1])).toBeLessThan(1e-9);
    }
  });
  test('bootstrap intervals within two lattice steps, paired differences and exact McNemar', () => {
    for (const row of golden.bootstrap) {
      const near = ({ lower, upper }: { lower: number; upper: number }, [low, high]: [number, number]): void => {
        expect(Math.abs(lower - low)).toBeLessThanOrEqual(2.0001 / row.a.length);
        expect(Math.abs(upper - high)).toBeLessThanOrEqual(2.0001 / row.a.length);
      };
      near(bootstrapPercentile(row.a, { seed: 1n }), row.percentile_bootstrap_a);
      near(bootstrapPercentile(row.a, { seed: 1n }), row.exact_percentile_bootstrap_limit_a);
      near(bootstrapBca(row.a, { seed: 1n }), row.bca_a);
      const paired = pairedDifference(row.a, row.b, { seed: 1n });
      near(paired.interval, row.paired_difference_percentile);
      expect(Math.abs(paired.difference - row.paired_difference_mean)).toBeLessThan(1e-9);
      const { a_only: first, b_only: second, exact_two_sided_p: expected } = row.mcnemar;
      expect(Math.abs(mcNemar(first, second).pValue - expected)).toBeLessThan(1e-9);
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
  test('majority votes over all subsets', () => {
    let compared = 0;
    for (const { gold, samples, maj_at_k_all_subsets: values } of items) {
      const votes = samples.map((answer) => vote(answer, gold));
      for (const [k, value] of Object.entries(values ?? {})) {
        if (value === null) continue;
        expect(Math.abs(majorityAtK(votes, Number(k), { seed: 1n }).accuracy - value)).toBeLessThan(1e-9);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
  test('pass@k of every problem', () => {
    for (const { samples, correct, pass_at_k: values } of items) {
      for (const [k, value] of Object.entries(values))
        expect(Math.abs(passAtK(samples.length, correct, Number(k)) - value)).toBeLessThan(1e-9);
    }
  });
});
