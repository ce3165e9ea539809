/** Pages of what is streamed: bounded in items, in bytes, and in what is read for them. */
import { makePageToken, readPageToken } from '@hone/listing';
import { invalidArgument } from '@hone/errors';
import { OpenCursors } from './open-cursors.ts';

/** A step of a stream: an item that belongs in the list, or something that was passed over. */
export interface Scanned<Item> {
  /** Row and position in it, both from 0; rises. */
  readonly row: number;
  readonly index: number;
  /** Completions read for it. */
  readonly weight: number;
  readonly item?: Item;
}

/** Where a list goes on: behind this. */
export interface Position {
  readonly iteration: number;
  readonly row: number;
  readonly index: number;
}

/** A list that is read in pages. */
export interface PagedList<Item> {
  /** All that decides what is listed. */
  readonly list: readonly string[];
  readonly pageSize: number;
  readonly pageToken: string;
  /** Opens the stream behind a position, or at its beginning. */
  open(position: Position | undefined): Promise<Cursor<Item>>;
  bytesOf(item: Item): number;
}

const DEFAULT_SIZE = 50;
const MAX_SIZE = 1000;
/** A call ends within seconds, whatever it looks for. */
const MAX_SCANNED = 20_000;
/** Well below the 4 MiB of a message, whatever the last item's size. */
const MAX_BYTES = 1 << 20;

/** An open stream of a list. */
export interface Cursor<Item> {
  readonly iteration: number;
  /** Whether the same stream opened later would say the same. */
  readonly isFinal: boolean;
  readonly items: AsyncGenerator<Scanned<Item>, void>;
}

/** Reads pages. The stream of a list that goes on stays open for a while, so that reading all of it reads nothing twice. */
export class PageReader {
  private readonly cursors = new OpenCursors<Cursor<unknown>>(({ items }) => items.return());

  async read<Item>(asked: PagedList<Item>): Promise<{ items: Item[]; nextPageToken: string }> {
    const { list, pageToken, bytesOf } = asked;
    const limit = sizeOf(asked.pageSize);
    const position = positionOf(readPageToken(pageToken, list, 3));
    const kept = this.cursors.take(pageToken);
    const cursor = (kept ?? (await asked.open(position))) as Cursor<Item>;
    const items: Item[] = [];
    let [bytes, scanned] = [0, 0];
    try {
      for (;;) {
        const { done, value } = await cursor.items.next();
        if (done) return { items, nextPageToken: '' };
        scanned += value.weight;
        if (value.item !== undefined) {
          items.push(value.item);
          bytes += bytesOf(value.item);
        }
        if (items.length < limit && scanned < MAX_SCANNED && bytes < MAX_BYTES) continue;
        const nextPageToken = makePageToken(list, [cursor.iteration, value.row, value.index]);
        if (cursor.isFinal) this.cursors.keep(nextPageToken, cursor);
        else await cursor.items.return();
        return { items, nextPageToken };
      }
    } catch (thrown) {
      await cursor.items.return();
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await this.cursors.close();
  }
}

function sizeOf(pageSize: number): number {
  if (!Number.isInteger(pageSize) || pageSize < 0 || pageSize > MAX_SIZE)
    throw invalidArgument('page_size', `must be from 0 to ${MAX_SIZE}, but is ${pageSize}`);
  return pageSize === 0 ? DEFAULT_SIZE : pageSize;
}

function positionOf(position: readonly (string | number)[] | undefined): Position | undefined {
  if (!position) return undefined;
  const [iteration, row, index] = position.map(Number);
  const isPosition = [iteration, row, index].every((part) => Number.isSafeInteger(part) && part! >= 0);
  if (!isPosition) throw invalidArgument('page_token', 'must be the next_page_token of another page');
  return { iteration: iteration!, row: row!, index: index! };
}
