/** A share of successes with its interval. */
export interface Proportion {
  /** successes / total. */
  readonly accuracy: number;
  /** Fractional where a tie rule gives an expected value. */
  readonly correct: number;
  readonly total: number;
  readonly lower: number;
  readonly upper: number;
}

/** 97.5 % quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/** Wilson's score interval at 95 % (Wilson 1927), which stays within [0, 1] and is sound for shares near its ends. */
export function wilson(correct: number, total: number): { lower: number; upper: number } {
  if (total === 0) return { lower: 0, upper: 1 };
  const share = correct / total;
  const z2 = Z_95 ** 2;
  const centre = (share + z2 / (2 * total)) / (1 + z2 / total);
  const half = (Z_95 / (1 + z2 / total)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total ** 2));
  // At the ends the exact values are 0 and 1; rounding must not say otherwise.
  return {
    lower: correct === 0 ? 0 : Math.max(0, centre - half),
    upper: correct === total ? 1 : Math.min(1, centre + half),
  };
}

export function proportion(correct: number, total: number): Proportion {
  return { accuracy: total === 0 ? 0 : correct / total, correct, total, ...wilson(correct, total) };
}
