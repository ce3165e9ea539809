/** The log of one process within a file that other processes, before it and beside it, append to. */
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** A file above this becomes `<name>.1`, in place of the one that was there. */
const MAX_FILE_BYTES = 32 * 2 ** 20;
/** More than this of its end says nothing new about how a process ended. */
const MAX_READ_BYTES = 256 * 1024;

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

export class LogPart {
  private constructor(
    readonly file: string,
    /** To write to; closed by `close`, which a process that has inherited it does not notice. */
    readonly descriptor: number,
    private readonly start: number,
  ) {}

  /** Opens the file behind all that is in it. */
  static open(file: string): LogPart {
    if (sizeOf(file) > MAX_FILE_BYTES) renameSync(file, `${file}.1`);
    const descriptor = openSync(file, 'a', 0o600);
    return new LogPart(file, descriptor, fstatSync(descriptor).size);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** What was written since it was opened; of much the end. */
  read(): string {
    const size = sizeOf(this.file);
    const from = Math.max(this.start <= size ? this.start : 0, size - MAX_READ_BYTES);
    const descriptor = openSync(this.file, 'r');
    try {
      const buffer = Buffer.alloc(size - from);
      const bytes = readSync(descriptor, buffer, 0, buffer.length, from);
      return buffer.toString('utf8', 0, bytes);
    } finally {
      closeSync(descriptor);
    }
  }
}
