/** Cutting a step's rows into shards, and working on several of them at a time. */
import { mapInOrder, piecesOf } from '@hone/streams';
import { throwIfPausing } from '../scheduling/pausing.ts';

/** Enough completions a shard to fill the sampler's batches, few enough to hold in memory. */
const COMPLETIONS_PER_SHARD = 1024;
/** While the last completions of one shard finish, the next one already fills the service's batch. */
const LEAST_IN_FLIGHT = 2;
/** Each is held in memory. */
const MOST_IN_FLIGHT = 64;

/** Problems a shard. */
export function shardSizeOf(
  { problemsPerShard }: { readonly problemsPerShard: number },
  samplesPerProblem: number,
): number {
  if (problemsPerShard > 0) return problemsPerShard;
  return Math.max(1, Math.floor(COMPLETIONS_PER_SHARD / samplesPerProblem));
}

/** When `forEachShard` stops. */
export interface ShardOptions {
  readonly signal: AbortSignal;
  /** Once aborted, no further shard is started. */
  readonly pausing: AbortSignal;
  /** Calls that the service takes at once, by now. */
  readonly capacity: () => number;
}

/** The items of a shard, and the number of the first. */
export interface Shard<Item> {
  readonly firstRow: number;
  readonly items: readonly Item[];
}

/** Cuts items into shards, in order. */
export async function* shardsOf<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Shard<Item>> {
  let firstRow = 0;
  for await (const piece of piecesOf(items, { maxItems: size, maxBytes: Infinity, bytesOf: () => 0 })) {
    yield { firstRow, items: piece };
    firstRow += piece.length;
  }
}

/** Works on all shards, in order and a few at a time. A pause lets those in hand be finished, and throws then. */
export async function forEachShard<Item>(
  shards: AsyncIterable<Shard<Item>>,
  { signal, pausing, capacity }: ShardOptions,
  work: (shard: Shard<Item>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  async function* untilPause(): AsyncGenerator<Shard<Item>> {
    for await (const shard of shards) {
      if (pausing.aborted) return;
      yield shard;
    }
  }
  const width = (): number => Math.min(Math.max(capacity(), LEAST_IN_FLIGHT), MOST_IN_FLIGHT);
  const done = mapInOrder(untilPause(), { width, signal }, work);
  while (!(await done.next()).done);
  throwIfPausing(pausing);
}
