/** Bootstrap intervals of a mean (Efron, Tibshirani 1993): the problems are drawn anew, with replacement. Seeded. */
import { invalidArgument } from '@hone/errors';
import { meanOf } from './mean.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { CONFIDENCE, type Interval } from './proportion.ts';
import { Random } from './random.ts';

/** How a bootstrap interval is made. */
export interface BootstrapOptions {
  readonly seed: bigint;
  /** Draws of the whole sample, at least 1; default 10,000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

export const BOOTSTRAP_RESAMPLES = 10_000;

/** The means of resamples, in rising order. */
function resampledMeans(values: readonly number[], { seed, resamples = BOOTSTRAP_RESAMPLES }: BootstrapOptions) {
  if (values.length === 0) throw invalidArgument('values', 'must hold at least one value');
  if (!Number.isInteger(resamples) || resamples < 1)
    throw invalidArgument('resamples', `must be a whole number of at least 1, but is ${resamples}`);
  const random = new Random(seed);
  const source = Float64Array.from(values);
  const means = new Float64Array(resamples);
  for (let index = 0; index < resamples; index++) {
    let sum = 0;
    for (let draw = 0; draw < source.length; draw++) sum += source[Math.floor(random.uniform() * source.length)]!;
    means[index] = sum / source.length;
  }
  return means.sort();
}

/** The value below which a share of sorted values lies, interpolated between neighbours (Hyndman, Fan 1996, type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [below, part] = [Math.floor(place), place - Math.floor(place)];
  const low = sorted[below]!;
  return part === 0 ? low : low + part * (sorted[below + 1]! - low);
}

function sharesOf(confidence: number): { low: number; high: number } {
  if (!(confidence > 0 && confidence < 1))
    throw invalidArgument('confidence', `must be above 0 and below 1, but is ${confidence}`);
  return { low: (1 - confidence) / 2, high: (1 + confidence) / 2 };
}

/** The percentile interval of the mean of `values`. */
export function bootstrapPercentile(values: readonly number[], options: BootstrapOptions): Interval {
  const { low, high } = sharesOf(options.confidence ?? CONFIDENCE);
  const means = resampledMeans(values, options);
  return { lower: quantile(means, low), upper: quantile(means, high) };
}

/**
 * The bias-corrected and accelerated interval of the mean (Efron 1987), which allows for a skewed distribution. Where all values
 * are equal it is undefined: then it is that value itself.
 */
export function bootstrapBca(values: readonly number[], options: BootstrapOptions): Interval {
  const { low, high } = sharesOf(options.confidence ?? CONFIDENCE);
  const means = resampledMeans(values, options);
  const mean = meanOf(values);
  if (values.every((value) => value === values[0])) return { lower: mean, upper: mean };
  const bias = normalQuantile(shareBelow(means, mean));
  const acceleration = accelerationOf(values, mean);
  const adjusted = (share: number): number => {
    const shifted = bias + normalQuantile(share);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  return { lower: quantile(means, adjusted(low)), upper: quantile(means, adjusted(high)) };
}

/** Resampled means are sums in another order: what differs by rounding alone is equal. */
const ROUNDING = 1e-12;

/** Share of the means below a value; those equal to it count half. */
function shareBelow(means: Float64Array, value: number): number {
  let count = 0;
  for (const mean of means) {
    if (Math.abs(mean - value) <= ROUNDING * Math.max(1, Math.abs(value))) count += 0.5;
    else if (mean < value) count += 1;
  }
  // A mean beyond all resamples would make the bias infinite.
  return Math.min(Math.max(count, 0.5), means.length - 0.5) / means.length;
}

/** The jackknife's estimate. Leaving value i out moves the mean by (mean - value) / (n - 1), so the scale cancels. */
function accelerationOf(values: readonly number[], mean: number): number {
  let [squares, cubes] = [0, 0];
  for (const value of values) {
    squares += (value - mean) ** 2;
    cubes += (value - mean) ** 3;
  }
  return cubes / (6 * squares ** 1.5);
}
