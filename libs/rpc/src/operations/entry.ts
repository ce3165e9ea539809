import { HoneError } from '@hone/errors';
import type { Operation } from '@hone/contracts';
import type { Logger } from 'pino';
import { logWorkFailure } from '../log/failure.ts';
import { withLogContext } from '../log/context.ts';
import { toStatus } from '../status.ts';
import type { Claims } from './claims.ts';
import { pack, type AnyKind } from './kind.ts';
import { RecordWriter } from './record-writer.ts';
import type { OperationRecord, OperationRecords } from './records.ts';

/** One operation: its record, and the work on it where that is done here. */
export class OperationEntry {
  private current: OperationRecord;
  private readonly writer: RecordWriter;
  private readonly controller = new AbortController();
  private isCancelled = false;
  private isEnding = false;
  private isLost = false;
  private work: Promise<void> | undefined;
  private claims: Claims | undefined;
  private readonly records: OperationRecords;
  private readonly logger: Logger | undefined;

  constructor(record: OperationRecord, records: OperationRecords, logger: Logger | undefined) {
    this.current = record;
    this.records = records;
    this.logger = logger;
    this.writer = new RecordWriter(records, (thrown) => this.notKept(thrown));
  }

  /** As everybody sees it. */
  get record(): OperationRecord {
    return this.current;
  }

  get name(): string {
    return this.current.operation.name;
  }

  get isDone(): boolean {
    return this.current.operation.done;
  }

  /** Whether this process works on it. */
  get isRunning(): boolean {
    return this.work !== undefined && !this.isDone;
  }

  /** Resolves when the work has ended, or was laid down; at once where none is done here. */
  get ended(): Promise<void> {
    return this.work ?? Promise.resolve();
  }

  /** Takes over what another process wrote. */
  replace(record: OperationRecord): void {
    if (!this.work && !this.isDone) this.current = record;
  }

  /** Another process took it up, which thought that this one was gone: the work here ends without a trace. */
  async lostTo(record: OperationRecord): Promise<void> {
    this.isLost = true;
    await this.writer.stop();
    this.controller.abort();
    await this.work;
    this.work = undefined;
    this.current = record;
  }

  /** Keeps a record; it is on the disk when the promise resolves. */
  async keep(change: Partial<OperationRecord>): Promise<void> {
    const next = { ...this.current, ...change, updateTime: new Date().toISOString() };
    await this.writer.now(next);
    this.current = next;
  }

  /** Begins the work, or goes on with it, by a right that is given back at its end. */
  run(
    kind: AnyKind,
    request: unknown,
    { resumed, claims }: { readonly resumed: boolean; readonly claims: Claims },
  ): void {
    this.claims = claims;
    this.isLost = false;
    const { method, run } = this.current;
    const context = { method, ...(run !== '' && { run }) };
    this.work = withLogContext(context, () => this.execute(kind, request, resumed));
  }

  /** Somebody wants it to end. */
  cancel(): void {
    this.isCancelled = true;
    this.controller.abort();
  }

  /** This process is to end: the work is laid down where it stands, for the next one. */
  layDown(): void {
    this.isEnding = true;
    this.controller.abort();
  }

  private async execute(kind: AnyKind, request: unknown, resumed: boolean): Promise<void> {
    try {
      const response = await kind.work(request, this.handle(kind, resumed));
      await this.end({ $case: 'response', value: pack(kind.response, kind.typeNames.response, response) });
    } catch (thrown) {
      if (this.isLost) return;
      if (this.isEnding && !this.isCancelled) return this.keep({ owner: undefined }).catch((it) => this.notKept(it));
      if (this.logger) logWorkFailure(this.logger, thrown, 'operation failed', { operation: this.name });
      await this.fail(thrown);
    }
  }

  private handle(kind: AnyKind, resumed: boolean) {
    const { metadata } = this.current.operation;
    const previous: unknown = metadata && kind.metadata.decode(metadata.value);
    let furthest = previous === undefined ? -Infinity : kind.progressOf(previous);
    const report = (reported: unknown): void => {
      const progress = kind.progressOf(reported);
      if (progress < furthest || this.isLost) return;
      const deaths = progress > furthest && furthest !== -Infinity ? 0 : this.current.deaths;
      furthest = progress;
      const operation = {
        ...this.current.operation,
        metadata: pack(kind.metadata, kind.typeNames.metadata, reported),
      };
      this.current = { ...this.current, operation, deaths, updateTime: new Date().toISOString() };
      this.writer.soon(this.current);
    };
    return { name: this.name, signal: this.controller.signal, previous, resumed, report };
  }

  /** Ends it with an error. */
  fail(thrown: unknown): Promise<void> {
    return this.end({ $case: 'error', value: toStatus(thrown) });
  }

  /** Nobody is told of an end that is not on the disk: it would be another one after a restart. A disk that fails changes nothing. */
  private async end(result: NonNullable<Operation['result']>): Promise<void> {
    if (this.isLost) return;
    const operation = { ...this.current.operation, done: true, result };
    const ended = { operation, owner: undefined, endTime: new Date().toISOString() };
    try {
      await this.keep(ended);
      await this.records.clearCancel(this.name);
      await this.claims?.release(this.current.generation);
    } catch (thrown) {
      this.notKept(thrown);
      this.current = { ...this.current, ...ended };
    }
  }

  private notKept(thrown: unknown): void {
    if (!this.logger) return;
    logWorkFailure(this.logger, thrown, 'the record of an operation was not written', { operation: this.name });
  }
}

/** Why an operation ends that was under way when its process did, and that nobody can go on with. */
export const serviceRestarted = (why: string): HoneError =>
  new HoneError({
    code: 'ABORTED',
    reason: 'SERVICE_RESTARTED',
    message: `the service was restarted while this operation was under way, and does not go on with it: ${why}; start it again`,
  });
