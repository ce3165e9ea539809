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

/** Reads rows of a stream one by one, forwards only. */
export class ForwardRows {
  private readonly rows: AsyncGenerator<unknown, void>;

  constructor(rows: AsyncGenerator<unknown, void>) {
    this.rows = rows;
  }

  /** The next row; undefined behind the end. */
  async next(): Promise<unknown> {
    return (await this.rows.next()).value;
  }

  /** The next row with this id, which is passed; undefined behind the end. */
  async find(id: string): Promise<unknown> {
    for (;;) {
      const row = await this.next();
      if (row === undefined || (row as { id?: string }).id === id) return row;
    }
  }

  async close(): Promise<void> {
    await this.rows.return();
  }
}
