/** The order in which data is gone over: a seeded shuffle an epoch, cut into batches. */
import { Random } from '@hone/statistics';

export interface BatchOptions {
  /** Pairs, problems or examples a step. */
  readonly batchSize: number;
  /** Passes over the data; ignored where maxSteps is set. */
  readonly epochs: number;
  /** Exactly so many steps; 0 means by epochs. */
  readonly maxSteps: number;
  readonly seed: bigint;
  /** False takes the items in the order that they have, every epoch. Default: true. */
  readonly shuffle?: boolean | undefined;
}

/** Steps that data of so many items takes. */
export function countSteps(items: number, { batchSize, epochs, maxSteps }: BatchOptions): number {
  return maxSteps > 0 ? maxSteps : epochs * Math.ceil(items / batchSize);
}

/**
 * Batches of item numbers from 0, each epoch in an order of its own; an epoch's last batch may be smaller. The first
 * `stepsDone` batches are left out, and the others are what they would be anyway.
 */
export function* batchesOf(items: number, options: BatchOptions, stepsDone = 0): Generator<number[]> {
  const { batchSize, seed, shuffle = true } = options;
  const random = new Random(seed);
  const steps = items > 0 ? countSteps(items, options) : 0;
  for (let step = 0; step < steps;) {
    const order = Array.from({ length: items }, (_, item) => item);
    if (shuffle) random.shuffle(order);
    for (let start = 0; start < items && step < steps; start += batchSize, step++) {
      if (step >= stepsDone) yield order.slice(start, start + batchSize);
    }
  }
}
