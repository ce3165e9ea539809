/** Lines of text files that a person gives: read as they are needed, with every fault named by file and line. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { dataLoss, invalidArgument, notFound } from '@hone/errors';

/** A line, without its end, and "file:line". */
export interface Line {
  readonly text: string;
  readonly location: string;
}

/** No line of data is longer, and no document of JSON larger: what is more has lost its line ends. */
export const MAX_LINE_BYTES = 16 * 2 ** 20;
export const MAX_DOCUMENT_BYTES = 256 * 2 ** 20;
/** A gzip file that opens to more than this, and to so many times its size, is no data. */
const MAX_OPENED_BYTES = 256 * 2 ** 20;
const MAX_OPENED_RATIO = 200;
/** So many blank lines in a row are no data either. */
const MAX_BLANK_LINES = 1_000_000;
const NEWLINE = 0x0a;

/** A file for reading, which is a regular one: a folder has no lines, and a pipe or device may never end. */
export async function openFile(file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for a writer.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const kind = await handle.stat();
    if (kind.isDirectory()) throw invalidArgument(file, 'must be a file, but is a folder');
    if (!kind.isFile()) throw invalidArgument(file, 'must be a regular file, but is a pipe, socket or device');
    return handle;
  } catch (thrown) {
    await handle?.close();
    throw readError(file, thrown);
  }
}

/** What a failed read means to who gave the file. */
function readError(file: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return notFound(file, 'check the path');
  if (code === 'EACCES' || code === 'EPERM') {
    return invalidArgument(file, 'may not be read; check its permissions', thrown);
  }
  if (code === 'ENXIO') return invalidArgument(file, 'must be a regular file, but is a pipe, socket or device', thrown);
  if (code === 'ELOOP' || code === 'ENAMETOOLONG') return invalidArgument(file, 'is no path of a file', thrown);
  if (code?.startsWith('Z_')) return dataLoss(file, `is not sound gzip: ${(thrown as Error).message}`, thrown);
  return thrown;
}

/** The file's bytes, opened where its name ends with .gz. */
async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const handle = await openFile(file);
  const { size } = await handle.stat();
  const source = handle.createReadStream({ highWaterMark: 1 << 18 });
  // The pipeline hands an error of the source on to the stream that is read.
  const stream = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => undefined) : source;
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > Math.max(MAX_OPENED_BYTES, size * MAX_OPENED_RATIO)) {
        throw dataLoss(file, `opens to more than ${MAX_OPENED_RATIO} times its size: it is no data`);
      }
      yield chunk;
    }
  } catch (thrown) {
    throw readError(file, thrown);
  } finally {
    source.destroy();
    await handle.close().catch(() => undefined);
  }
}

/** The lines of a UTF-8 text file, also .gz, but empty ones. A byte order mark is no part of a line. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  const lines = new LineCutter(file);
  for await (const chunk of chunksOf(file)) yield* lines.of(chunk);
  yield* lines.end();
}

/** Cuts a file's bytes into lines. */
class LineCutter {
  private readonly file: string;
  private parts: Buffer[] = [];
  private length = 0;
  private number = 1;
  private blank = 0;

  constructor(file: string) {
    this.file = file;
  }

  *of(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.add(chunk.subarray(start, end));
      yield* this.end();
      start = end + 1;
    }
    this.add(chunk.subarray(start));
  }

  /** What was collected, as a line. */
  *end(): Generator<Line> {
    const { parts, length, number, file } = this;
    [this.parts, this.length, this.number] = [[], 0, number + 1];
    this.blank = length === 0 ? this.blank + 1 : 0;
    if (this.blank > MAX_BLANK_LINES) {
      throw invalidArgument(`${file}:${number}`, `is one of more than ${MAX_BLANK_LINES} blank lines`);
    }
    if (length > 0) yield lineOf(Buffer.concat(parts), file, number);
  }

  private add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.length += bytes.length;
    if (this.length <= MAX_LINE_BYTES) return;
    throw invalidArgument(`${this.file}:${this.number}`, `is longer than ${MAX_LINE_BYTES >> 20} MiB`);
  }
}

function lineOf(bytes: Buffer, file: string, number: number): Line {
  const location = `${file}:${number}`;
  if (number === 1) refuseOtherEncodings(bytes, file);
  return { text: textOf(bytes, location).replace(/\r$/, ''), location };
}

/** UTF-16 and UTF-32 begin with a mark of their own, or show by their zero bytes. */
export function refuseOtherEncodings(bytes: Buffer, file: string): void {
  const [first, second] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isMarked || (bytes.length > 1 && (first === 0 || second === 0))) {
    throw invalidArgument(file, 'must be UTF-8, but looks like UTF-16 or UTF-32: save it as UTF-8');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text in UTF-8 without its byte order mark; other bytes would be read as other characters, so they are refused. */
export function textOf(bytes: Buffer, location: string): string {
  try {
    return utf8.decode(bytes);
  } catch (thrown) {
    throw invalidArgument(location, 'is not UTF-8', thrown);
  }
}
