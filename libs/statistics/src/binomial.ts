/** The binomial distribution: probabilities and tails, precise also for many trials. */

/** log(n!) - log of Stirling's formula, (n + 1/2) log n - n + log(2 pi)/2. */
function stirlingError(n: number): number {
  if (n < STIRLING_TABLE.length) return STIRLING_TABLE[n]!;
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** Below this the asymptotic series is not precise enough; factorials up to 16! are exact doubles. */
const STIRLING_TABLE = Array.from({ length: 17 }, (_, n) => {
  if (n === 0) return 0;
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return Math.log(factorial) - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI);
});

/** x log(x / mean) + mean - x, without the cancellation that the plain formula has where x is near the mean. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const ratio = (x - mean) / (x + mean);
  let sum = (x - mean) * ratio;
  let term = 2 * x * ratio;
  for (let j = 1; ; j++) {
    term *= ratio * ratio;
    const next = sum + term / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
}

/**
 * P(X = x) of n trials with success probability p: Loader (2000), "Fast and Accurate Computation of Binomial Probabilities",
 * in which no large logarithms cancel.
 */
export function binomialProbability(x: number, n: number, p: number): number {
  if (x < 0 || x > n) return 0;
  if (p === 0) return x === 0 ? 1 : 0;
  if (p === 1) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(n * Math.log1p(-p));
  if (x === n) return Math.exp(n * Math.log(p));
  const correction = stirlingError(n) - stirlingError(x) - stirlingError(n - x);
  const exponent = correction - deviance(x, n * p) - deviance(n - x, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** P(X >= x): the terms are summed away from the mean, where each is smaller than the one before it. */
export function binomialUpperTail(x: number, n: number, p: number): number {
  if (x <= 0) return 1;
  if (x > n) return 0;
  // Below the mean the other tail is the one whose terms fall.
  if (x <= n * p) return 1 - binomialLowerTail(x - 1, n, p);
  let term = binomialProbability(x, n, p);
  let sum = 0;
  for (let i = x; i <= n && sum + term !== sum; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return Math.min(1, sum);
}

/** P(X <= x). */
export function binomialLowerTail(x: number, n: number, p: number): number {
  if (x >= n) return 1;
  if (x < 0) return 0;
  return binomialUpperTail(n - x, n, 1 - p);
}
