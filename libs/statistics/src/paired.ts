/** Two models on the same problems: what differs, and whether that may be chance. */
import { invalidArgument } from '@hone/errors';
import { binomialLowerTail } from './binomial.ts';
import { bootstrapPercentile, type BootstrapOptions } from './bootstrap.ts';
import type { Interval } from './proportion.ts';

/** The exact test of McNemar (1947), on the problems that just one of two models solves. */
export interface McNemar {
  /** Problems that only the first solves. */
  readonly firstOnly: number;
  /** Problems that only the second solves. */
  readonly secondOnly: number;
  /** Two-sided; 1 where the models never differ. */
  readonly pValue: number;
}

/** Were both equally good, the problems that they differ on would be a fair coin's throws. */
export function mcNemar(firstOnly: number, secondOnly: number): McNemar {
  const discordant = firstOnly + secondOnly;
  for (const count of [firstOnly, secondOnly])
    if (!Number.isInteger(count) || count < 0)
      throw invalidArgument('count', `must be a whole number of at least 0, but is ${count}`);
  const tail = binomialLowerTail(Math.min(firstOnly, secondOnly), discordant, 0.5);
  return { firstOnly, secondOnly, pValue: discordant === 0 ? 1 : Math.min(1, 2 * tail) };
}

/** The mean of the differences first - second. */
export interface PairedDifference {
  readonly difference: number;
  /** Of the mean, from the differences themselves; 0 for fewer than two problems. */
  readonly standardError: number;
  /** Percentile bootstrap over problems. */
  readonly interval: Interval;
}

/** Compares two models' scores, each from 0 to 1, problem by problem. */
export function pairedDifference(
  first: readonly number[],
  second: readonly number[],
  options: BootstrapOptions,
): PairedDifference {
  if (first.length !== second.length)
    throw invalidArgument('second', `must have as many values as first (${first.length}), but has ${second.length}`);
  const differences = first.map((value, index) => value - second[index]!);
  const interval = bootstrapPercentile(differences, options);
  const count = differences.length;
  const difference = differences.reduce((sum, value) => sum + value, 0) / count;
  const squares = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0);
  return { difference, standardError: count < 2 ? 0 : Math.sqrt(squares / (count - 1) / count), interval };
}
