import { meanOf } from '@hone/statistics';

/** Values of several seeds in one figure. */
export interface Spread {
  readonly mean: number;
  /** Of the sample (n - 1); 0 for a single value. */
  readonly sd: number;
  readonly count: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: count < 2 ? 0 : Math.sqrt(squares / (count - 1)), count };
}
