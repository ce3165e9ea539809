/** Few enough that open files and buffers do not add up, enough for several readers at a time. */
const MAX_OPEN = 16;
/** A reader that takes longer for a page starts from the beginning of the rows. */
const IDLE_MS = 30_000;

/** Streams that may be gone on with, by the token that asks for it. Only one caller gets each. */
export class OpenCursors<Cursor> {
  private readonly open = new Map<string, { readonly cursor: Cursor; readonly timer: NodeJS.Timeout }>();
  private readonly end: (cursor: Cursor) => Promise<unknown>;

  constructor(end: (cursor: Cursor) => Promise<unknown>) {
    this.end = end;
  }

  /** Keeps a cursor for a while; the oldest goes where there are too many. */
  keep(token: string, cursor: Cursor): void {
    void this.drop(token);
    const timer = setTimeout(() => void this.drop(token), IDLE_MS).unref();
    this.open.set(token, { cursor, timer });
    const [oldest] = this.open.keys();
    if (this.open.size > MAX_OPEN) void this.drop(oldest!);
  }

  /** Takes a cursor out, if it is still open. */
  take(token: string): Cursor | undefined {
    const found = this.open.get(token);
    if (!found) return undefined;
    clearTimeout(found.timer);
    this.open.delete(token);
    return found.cursor;
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.keys()].map((token) => this.drop(token)));
  }

  private async drop(token: string): Promise<void> {
    const cursor = this.take(token);
    if (cursor !== undefined) await this.end(cursor);
  }
}
