import { createHash } from 'node:crypto';
import { open as openFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { dataLoss, HoneError, notFound, throwIfAborted } from '@hone/errors';
import { canonicalJson } from './canonical-json.ts';
import { temporaryName, writeError } from '../files/atomic.ts';
import type { Digest } from '../digest.ts';

/** What a stored list of rows is. */
export interface JsonLinesArtifact {
  /** Of the uncompressed lines, so that it does not depend on the compressor. */
  readonly digest: Digest;
  /** Uncompressed. */
  readonly bytes: number;
  /** Number of rows. */
  readonly count: number;
}

/** Lines are joined to blocks of this size before they are compressed: one line at a time costs more than the work. */
const BLOCK_CHARACTERS = 1 << 16;

/**
 * Writes rows to a temporary file in `folder`, synced to the disk, and hands it to `keep`: an artifact's name is known only
 * after its last row. What `keep` has not moved away is removed.
 */
export async function spoolJsonLines(
  folder: string,
  rows: AsyncIterable<object> | Iterable<object>,
  signal: AbortSignal | undefined,
  keep: (file: string, artifact: JsonLinesArtifact) => Promise<void>,
): Promise<JsonLinesArtifact> {
  const temporary = temporaryName(join(folder, 'rows'));
  try {
    const handle = await openFile(temporary, 'wx');
    let artifact: JsonLinesArtifact;
    try {
      artifact = await writeJsonLines(handle, rows, signal);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await keep(temporary, artifact);
    return artifact;
  } catch (error) {
    throw writeError(error, folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Streams rows as gzipped lines of canonical JSON into an open file, in constant memory. */
async function writeJsonLines(
  handle: FileHandle,
  rows: AsyncIterable<object> | Iterable<object>,
  signal?: AbortSignal,
): Promise<JsonLinesArtifact> {
  const hash = createHash('sha256');
  let bytes = 0;
  let count = 0;
  async function* blocks(): AsyncGenerator<Buffer> {
    let pending = '';
    for await (const row of rows) {
      throwIfAborted(signal);
      pending += `${canonicalJson(row, `row ${count}`)}\n`;
      count++;
      if (pending.length < BLOCK_CHARACTERS) continue;
      yield take();
    }
    yield take();

    function take(): Buffer {
      const block = Buffer.from(pending, 'utf8');
      pending = '';
      hash.update(block);
      bytes += block.length;
      return block;
    }
  }
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  let writeFailure: unknown;
  // Not a write stream, which would have to close the handle: its owner still has to sync it.
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    try {
      for await (const chunk of chunks) await writeFully(handle, chunk);
    } catch (error) {
      writeFailure = error;
      throw error;
    }
  };
  try {
    await pipeline(Readable.from(blocks(), { objectMode: false }), gzip, sink);
  } catch (error) {
    // The pipeline reports the abort of its other stages, not the full disk that was its cause.
    throw writeFailure ?? error;
  }
  return { digest: hash.digest('hex'), bytes, count };
}

async function writeFully(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

/** Stored bytes and where they come from: `name` is what an error names. */
export interface NamedSource {
  readonly name: string;
  /** Called once reading begins. */
  readonly open: () => Readable;
}

/**
 * Streams the rows of stored bytes. The digest is checked when the last row has been read: whoever stops earlier has
 * rows that were not verified.
 */
export async function* readJsonLines<T>(source: NamedSource, digest: Digest): AsyncGenerator<T, void, undefined> {
  const { name } = source;
  const bytes = source.open();
  const hash = createHash('sha256');
  const lines = splitLines(bytes.pipe(forwardErrors(bytes, createGunzip())), hash);
  let count = 0;
  try {
    for await (const line of lines) {
      count++;
      yield JSON.parse(line) as T;
    }
  } catch (error) {
    throw readError(name, `near row ${count}`, error);
  } finally {
    bytes.destroy();
  }
  requireSame(name, hash.digest('hex'), digest);
}

/** Reads stored rows to their end, for their digest alone. */
export async function verifyJsonLines({ name, open }: NamedSource, digest: Digest): Promise<void> {
  const bytes = open();
  const hash = createHash('sha256');
  let read = 0;
  try {
    for await (const chunk of bytes.pipe(forwardErrors(bytes, createGunzip())) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      read += chunk.length;
    }
  } catch (error) {
    throw readError(name, `behind byte ${read}`, error);
  } finally {
    bytes.destroy();
  }
  requireSame(name, hash.digest('hex'), digest);
}

function requireSame(name: string, actual: Digest, digest: Digest): void {
  if (actual !== digest) throw dataLoss(name, `is damaged: its content has the digest ${actual}`);
}

function forwardErrors<S extends NodeJS.WritableStream & { destroy(error: Error): void }>(
  source: Readable,
  target: S,
): S {
  source.once('error', (error) => target.destroy(error));
  return target;
}

async function* splitLines(
  chunks: AsyncIterable<unknown>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    hash.update(chunk);
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end));
      yield Buffer.concat(rest).toString('utf8');
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) throw new SyntaxError('the last line has no end');
}

function readError(file: string, position: string, error: unknown): unknown {
  if (error instanceof HoneError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return notFound(file, 'no artifact with this digest is in the store');
  const damaged = error instanceof SyntaxError || code?.startsWith('Z_') === true;
  return damaged ? dataLoss(file, `is damaged ${position} (${message})`, error) : error;
}
