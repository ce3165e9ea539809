/** The order in which data is gone over: a seeded shuffle an epoch, cut into batches. */
import type { GroupPairs } from './batch.ts';
import { Random } from '@hone/statistics';
import type { PreferenceGroup } from './types.ts';

export interface BatchOptions {
  /** Pairs, problems or examples a step. */
  readonly batchSize: number;
  /** Passes over the data; ignored where maxSteps is set. */
  readonly epochs: number;
  /** Exactly so many steps; 0 means by epochs. */
  readonly maxSteps: number;
  readonly seed: bigint;
}

/** Steps that data of so many items takes. */
export function countSteps(items: number, { batchSize, epochs, maxSteps }: BatchOptions): number {
  return maxSteps > 0 ? maxSteps : epochs * Math.ceil(items / batchSize);
}

/** Batches of items, each epoch in an order of its own; an epoch's last batch may be smaller. */
export function* batchesOf<Item>(items: readonly Item[], options: BatchOptions): Generator<Item[]> {
  const random = new Random(options.seed);
  let left = countSteps(items.length, options);
  while (left > 0) {
    const order = random.shuffle([...items]);
    for (let start = 0; start < order.length && left > 0; start += options.batchSize, left--) {
      yield order.slice(start, start + options.batchSize);
    }
  }
}

/** What a batch of preferences is cut from: whole problems, or single pairs. */
export function preferenceItems(groups: readonly PreferenceGroup[], unit: 'problems' | 'pairs'): GroupPairs[] {
  if (unit === 'problems') return groups.map((group) => ({ group, pairs: group.pairs }));
  return groups.flatMap((group) => group.pairs.map((pair) => ({ group, pairs: [pair] })));
}

/** Pairs of the same problem together, so that its completions are forwarded once. */
export function mergeByGroup(batch: readonly GroupPairs[]): GroupPairs[] {
  const merged = new Map<PreferenceGroup, GroupPairs>();
  for (const { group, pairs } of batch) {
    merged.set(group, { group, pairs: [...(merged.get(group)?.pairs ?? []), ...pairs] });
  }
  return [...merged.values()];
}
