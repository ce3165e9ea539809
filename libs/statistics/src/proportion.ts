/** Shares of successes and their intervals. */
import { invalidArgument } from '@hone/errors';
import { binomialLowerTail, binomialUpperTail } from './binomial.ts';
import { normalQuantile } from './normal.ts';

/** Both ends of an interval. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** A share of successes with its Wilson interval at 95 %. */
export interface Proportion extends Interval {
  /** successes / total. */
  readonly accuracy: number;
  /** Fractional where a tie rule gives an expected value. */
  readonly correct: number;
  readonly total: number;
}

/** The confidence level of intervals where none is given. */
export const CONFIDENCE = 0.95;

function checkCounts(correct: number, total: number, confidence: number): void {
  if (!Number.isInteger(total) || total < 0)
    throw invalidArgument('total', `must be a whole number of at least 0, but is ${total}`);
  if (!(correct >= 0 && correct <= total))
    throw invalidArgument('correct', `must be from 0 to the total (${total}), but is ${correct}`);
  if (!(confidence > 0 && confidence < 1))
    throw invalidArgument('confidence', `must be above 0 and below 1, but is ${confidence}`);
}

/** The two-sided quantile: 1.96 for 95 %. */
const quantileOf = (confidence: number): number => normalQuantile(0.5 + confidence / 2);

/** Wilson's score interval (Wilson 1927), which stays within [0, 1] and is sound for shares near its ends. */
export function wilson(correct: number, total: number, confidence = CONFIDENCE): Interval {
  checkCounts(correct, total, confidence);
  if (total === 0) return { lower: 0, upper: 1 };
  const share = correct / total;
  const z = quantileOf(confidence);
  const centre = (share + z ** 2 / (2 * total)) / (1 + z ** 2 / total);
  const half = (z / (1 + z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  // At the ends the exact values are 0 and 1; rounding must not say otherwise.
  return {
    lower: correct === 0 ? 0 : Math.max(0, centre - half),
    upper: correct === total ? 1 : Math.min(1, centre + half),
  };
}

/** Wilson's interval with the correction for continuity (Newcombe 1998, method 4): wider, and rarely too narrow. */
export function wilsonCorrected(correct: number, total: number, confidence = CONFIDENCE): Interval {
  checkCounts(correct, total, confidence);
  if (total === 0) return { lower: 0, upper: 1 };
  const [p, q] = [correct / total, 1 - correct / total];
  const z = quantileOf(confidence);
  const centre = 2 * total * p + z ** 2;
  const scale = 2 * (total + z ** 2);
  const below = 1 + z * Math.sqrt(z ** 2 - 2 - 1 / total + 4 * p * (total * q + 1));
  const above = 1 + z * Math.sqrt(z ** 2 + 2 - 1 / total + 4 * p * (total * q - 1));
  return {
    lower: correct === 0 ? 0 : Math.max(0, (centre - below) / scale),
    upper: correct === total ? 1 : Math.min(1, (centre + above) / scale),
  };
}

/** The exact interval (Clopper, Pearson 1934): it covers the truth at least as often as it says. Whole counts only. */
export function clopperPearson(correct: number, total: number, confidence = CONFIDENCE): Interval {
  checkCounts(correct, total, confidence);
  if (!Number.isInteger(correct)) throw invalidArgument('correct', `must be a whole number, but is ${correct}`);
  const tail = (1 - confidence) / 2;
  return {
    lower: correct === 0 ? 0 : risingRoot((p) => binomialUpperTail(correct, total, p) - tail),
    upper: correct === total ? 1 : risingRoot((p) => tail - binomialLowerTail(correct, total, p)),
  };
}

/** More halvings than a double between 0 and 1 has digits for. */
const HALVINGS = 64;

/** Where in [0, 1] a rising function becomes positive. */
function risingRoot(f: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** A share with Wilson's interval at 95 %; of nothing it is 0 with the interval [0, 1]. */
export function proportion(correct: number, total: number): Proportion {
  return { accuracy: total === 0 ? 0 : correct / total, correct, total, ...wilson(correct, total) };
}
