import type { ArtifactStore } from '@hone/artifacts';
import { dataLoss, HoneError, notFound } from '@hone/errors';

/** Streams stored rows; what is wrong with them is said of `what` they are, not of the file in which they lie. */
export async function* storedRows(store: ArtifactStore, digest: string, what: string): AsyncGenerator<unknown, void> {
  try {
    yield* store.readJsonLines(digest);
  } catch (thrown) {
    if (!(thrown instanceof HoneError)) throw thrown;
    if (thrown.code === 'NOT_FOUND') throw notFound(what, 'its rows are gone from the store');
    if (thrown.code === 'DATA_LOSS') throw dataLoss(what, 'its rows in the store are damaged', thrown);
    throw thrown;
  }
}

/** Reads rows of a stream by their number, forwards only. */
export class ForwardRows {
  private next = 0;
  private readonly rows: AsyncGenerator<unknown, void>;

  constructor(rows: AsyncGenerator<unknown, void>) {
    this.rows = rows;
  }

  /** Row `number`, which is none of those passed already; undefined behind the end. */
  async at(number: number): Promise<unknown> {
    for (;;) {
      const { done, value } = await this.rows.next();
      if (done) return undefined;
      if (this.next++ === number) return value;
    }
  }

  async close(): Promise<void> {
    await this.rows.return();
  }
}
