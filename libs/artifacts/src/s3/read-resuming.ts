import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { dataLoss, HoneError } from '@hone/errors';
import { isTaken, s3Error } from './s3-errors.ts';

/** How an object's bytes are asked for. */
export interface ResumableSource {
  /** Opens the bytes from an offset on, of the same version as before. */
  readonly open: (
    range: { readonly from: number; readonly etag: string | undefined },
    signal: AbortSignal,
  ) => Promise<{ readonly body: Readable; readonly etag: string | undefined }>;
  /** For errors. */
  readonly url: string;
  /** Tries without a single byte before it fails. */
  readonly attempts: number;
  /** Longest wait for the next bytes. */
  readonly timeoutMs: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/**
 * Streams an object. The client tries a request again until its answer begins; where the answer breaks off or falls silent,
 * this goes on at the byte where it ended.
 */
export async function* readResuming(source: ResumableSource): AsyncGenerator<Buffer, void, undefined> {
  const { open, url, attempts, timeoutMs } = source;
  let from = 0;
  let etag: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const abort = new AbortController();
    let body: Readable | undefined;
    try {
      ({ body, etag } = await open({ from, etag }, abort.signal));
      for await (const chunk of withinTime(body, timeoutMs)) {
        from += chunk.length;
        attempt = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      if (from > 0 && isTaken(error)) throw dataLoss(url, 'was replaced while it was read');
      // What never began to be answered the client has tried often enough.
      if (!body || attempt >= attempts) throw failure(error, url, attempt);
    } finally {
      abort.abort();
      body?.destroy();
    }
    await delay(Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS));
  }
}

/** The chunks of a body, each within the time; the consumer may take as long as it likes. */
async function* withinTime(body: Readable, timeoutMs: number): AsyncGenerator<Buffer, void, undefined> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    const timer = setTimeout(() => {
      body.destroy(Object.assign(new Error(`no byte came for ${timeoutMs} ms`), { name: 'TimeoutError' }));
    }, timeoutMs);
    const next = await chunks.next().finally(() => clearTimeout(timer));
    if (next.done) return;
    yield next.value;
  }
}

function failure(error: unknown, url: string, attempts: number): HoneError {
  if (error instanceof HoneError || (error as { $metadata?: unknown }).$metadata) return s3Error(error, url);
  return s3Error(Object.assign(error as Error, { $metadata: { attempts } }), url);
}
