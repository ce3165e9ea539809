/** Joins what several producers make into one stream that its reader takes at its own pace. */
export class BoundedQueue<Item> {
  private readonly items: Item[] = [];
  private ended = false;
  private error: unknown;
  private wakeReader: (() => void) | undefined;
  private readonly waitingWriters: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  /** Adds an item; resolves when there is room for the next one. */
  async push(item: Item): Promise<void> {
    this.items.push(item);
    this.wakeReader?.();
    if (this.items.length >= this.limit && !this.ended) {
      await new Promise<void>((resolve) => this.waitingWriters.push(resolve));
    }
  }

  /** No more items will come. */
  end(): void {
    this.ended = true;
    this.release();
  }

  /** The reader gets this error instead of what is left. */
  fail(error: unknown): void {
    this.error ??= error;
    this.end();
  }

  async *read(): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      if (this.error !== undefined) throw this.error;
      const item = this.items.shift();
      if (item !== undefined) {
        if (this.items.length < this.limit) this.release();
        yield item;
      } else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
  }

  private release(): void {
    this.wakeReader?.();
    for (const resolve of this.waitingWriters.splice(0)) resolve();
  }
}
