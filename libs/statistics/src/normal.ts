/** The standard normal distribution: its distribution function and quantiles, to about 1e-15. */
import { invalidArgument } from '@hone/errors';

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Beyond this the series loses digits and the continued fraction has converged long before its last term. */
const SERIES_LIMIT = 3;
const FRACTION_TERMS = 200;

/** P(X <= x). Near 0 a series (Marsaglia 2004, "Evaluating the Normal Distribution"), in the tails Laplace's continued fraction. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (Math.abs(x) <= SERIES_LIMIT) return 0.5 + density(x) * oddSeries(x);
  if (!Number.isFinite(x)) return x > 0 ? 1 : 0;
  const tail = upperTail(Math.abs(x));
  return x > 0 ? 1 - tail : tail;
}

/** x + x^3/3 + x^5/(3*5) + … */
function oddSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let divisor = 3; Math.abs(term) > 1e-17 * Math.abs(sum); divisor += 2) {
    term *= (x * x) / divisor;
    sum += term;
  }
  return sum;
}

/** density(x) / (x + 1/(x + 2/(x + 3/(x + …)))) for x > 0. */
function upperTail(x: number): number {
  let value = x;
  for (let term = FRACTION_TERMS; term >= 1; term--) value = x + term / value;
  return density(x) / value;
}

/** Newton steps: each about doubles the digits, and the start has two. */
const NEWTON_STEPS = 8;

/** x with P(X <= x) = probability; infinite at 0 and 1. */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1))
    throw invalidArgument('probability', `must be from 0 to 1, but is ${probability}`);
  // 1 - probability is exact above a half, and the lower tail keeps its relative precision.
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  let x = roughQuantile(probability);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    // Newton on log P, which is nearly a parabola in the tail where P itself is nearly flat.
    const reached = normalCdf(x);
    x -= (Math.log(reached / probability) * reached) / density(x);
  }
  return x;
}

/** Abramowitz and Stegun 26.2.22, to 0.003, for probabilities up to a half. */
function roughQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  return (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t) - t;
}
