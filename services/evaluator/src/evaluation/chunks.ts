/** Cuts streams into pieces that are bounded in number and in size, so that memory and messages stay bounded too. */

/** Limits of a piece; a single item above `maxSize` is a piece of its own. */
export interface ChunkLimits<Item> {
  readonly maxItems: number;
  readonly maxSize: number;
  sizeOf(item: Item): number;
}

/** Gathers items that come one at a time. */
export class Batch<Item> {
  private items: Item[] = [];
  private size = 0;
  private since = 0;
  private readonly limits: ChunkLimits<Item>;

  constructor(limits: ChunkLimits<Item>) {
    this.limits = limits;
  }

  /** Adds an item; answers with the items before it where it did not fit in with them. */
  add(item: Item): Item[] | undefined {
    const size = this.limits.sizeOf(item);
    const full = this.items.length >= this.limits.maxItems || this.size + size > this.limits.maxSize;
    const before = full && this.items.length > 0 ? this.take() : undefined;
    if (this.items.length === 0) this.since = performance.now();
    this.items.push(item);
    this.size += size;
    return before;
  }

  /** Whether its oldest item waits for longer than this. */
  isOlderThan(ageMs: number): boolean {
    return this.items.length > 0 && performance.now() - this.since > ageMs;
  }

  /** Empties the batch. */
  take(): Item[] {
    const { items } = this;
    this.items = [];
    this.size = 0;
    return items;
  }
}

/** The items in pieces, in order. */
export async function* chunksOf<Item>(
  items: AsyncIterable<Item>,
  limits: ChunkLimits<Item>,
): AsyncGenerator<Item[], void, undefined> {
  const batch = new Batch(limits);
  for await (const item of items) {
    const full = batch.add(item);
    if (full) yield full;
  }
  const rest = batch.take();
  if (rest.length > 0) yield rest;
}
