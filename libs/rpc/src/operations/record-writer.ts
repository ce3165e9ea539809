import type { OperationRecord, OperationRecords } from './records.ts';

/** Metadata may rise many times a second, and each write waits for the disk. */
const PAUSE_MS = 1_000;

/** Writes one operation's record: the last state wins, and one write runs at a time. */
export class RecordWriter {
  private latest: OperationRecord | undefined;
  private timer: NodeJS.Timeout | undefined;
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly records: OperationRecords,
    /** Told what a write behind its caller's back failed with. */
    private readonly onError: (thrown: unknown) => void,
  ) {}

  /** Writes a state that nobody waits for. */
  soon(record: OperationRecord): void {
    this.latest = record;
    this.timer ??= setTimeout(() => void this.flush().catch(this.onError), PAUSE_MS).unref();
  }

  /** Writes a state; it is on the disk when the promise resolves. */
  now(record: OperationRecord): Promise<void> {
    this.latest = record;
    return this.flush();
  }

  /** Writes nothing more. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.latest = undefined;
    await this.tail;
  }

  private flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const write = async (): Promise<void> => {
      if (this.latest) await this.records.write(this.latest);
    };
    const written = this.tail.then(write);
    this.tail = written.catch(() => undefined);
    return written;
  }
}
