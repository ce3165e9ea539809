/** Parity with SciPy: `test/golden/statistics`, made by scripts/golden/golden_statistics.py. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  binomialProbability,
  binomialUpperTail,
  bootstrapBca,
  bootstrapPercentile,
  clopperPearson,
  majorityAtK,
  mcNemar,
  normalCdf,
  normalQuantile,
  pairedDifference,
  passAtK,
  wilson,
  wilsonCorrected,
  type Interval,
} from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/statistics/statistics_golden.json', import.meta.url), 'utf8'),
);

/** Relative to the expected value, or absolute where that is tiny. */
function expectClose(actual: number, expected: number, tolerance = 1e-12): void {
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );
}
function expectRelative(actual: number, expected: number, tolerance = 1e-12): void {
  expect(Math.abs(actual / expected - 1), `${actual} for ${expected}`).toBeLessThanOrEqual(tolerance);
}
function expectInterval({ lower, upper }: Interval, [low, high]: [number, number], tolerance = 1e-12): void {
  expectClose(lower, low, tolerance);
  expectClose(upper, high, tolerance);
}

test('normal quantiles and tails', () => {
  for (const [p, x] of golden.normal_quantile) expectClose(normalQuantile(p), x);
  for (const [x, p] of golden.normal_cdf) expectRelative(normalCdf(x), p);
});

test('binomial probabilities and tails', () => {
  for (const { x, n, p, probability, upper } of golden.binomial) {
    // SciPy's own probabilities are good to about 1e-13 relative where there are many trials.
    expectRelative(binomialProbability(x, n, p), probability, 1e-11);
    expectRelative(binomialUpperTail(x, n, p), upper, 1e-11);
  }
});

test('Wilson, corrected Wilson and exact intervals at several levels', () => {
  for (const row of golden.intervals) {
    const { correct, total, confidence } = row;
    expectInterval(wilson(correct, total, confidence), row.wilson);
    expectInterval(wilsonCorrected(correct, total, confidence), row.wilsoncc);
    expectInterval(clopperPearson(correct, total, confidence), row.exact);
  }
});

test('maj@k and pass@k over all subsets', () => {
  for (const { samples, majority, pass } of golden.votes) {
    const votes = samples.map((answer: string | null) => ({ answer, right: answer === 'a' }));
    const right = samples.filter((answer: string | null) => answer === 'a').length;
    for (let k = 1; k <= samples.length; k++) {
      const measured = majorityAtK(votes, k, { seed: 1n });
      expectClose(measured.accuracy, majority[k - 1]);
      expect(measured.standardError).toBe(0);
      expectClose(passAtK(samples.length, right, k), pass[k - 1]);
    }
  }
});

test('bootstrap intervals are within one lattice step of 200,000 draws by SciPy', () => {
  for (const row of golden.bootstrap) {
    const step = 1.0001 / row.first.length;
    const options = { seed: 5n, resamples: 20_000 };
    expectInterval(bootstrapPercentile(row.first, options), row.percentile, step);
    expectInterval(bootstrapBca(row.first, options), row.bca, step);
    const paired = pairedDifference(row.first, row.second, options);
    expectInterval(paired.interval, row.difference_percentile, step);
    expectClose(paired.difference, row.difference);
    expectClose(paired.standardError, row.standard_error);
    expectClose(mcNemar(row.only[0], row.only[1]).pValue, row.mcnemar);
  }
});
