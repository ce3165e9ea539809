/** Long-running operations (google.longrunning.Operations) that outlive the process that works on them. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerOf, type ProcessOwner } from '@hone/artifacts';
import { Operation } from '@hone/contracts';
import { cancelled, HoneError, notFound, resourceExhausted } from '@hone/errors';
import { requireSamePayload, type RequestIdentity } from '@hone/listing';
import type { Logger } from 'pino';
import { logContext } from '../log/context.ts';
import { failureFields } from '../log/failure.ts';
import type { ServiceBinding } from '../service-binding.ts';
import { isThere, type Claims } from './claims.ts';
import { OperationEntry, serviceRestarted } from './entry.ts';
import type { AnyKind, OperationKind } from './kind.ts';
import { OperationRecords, type OperationRecord } from './records.ts';
import { operationsService } from './service.ts';

/** Where the operations of a service are, and who goes on with them. */
export interface RegistryOptions {
  /** The folder of their records. */
  readonly folder: string;
  /** Work that can be gone on with. */
  readonly kinds?: readonly AnyKind[];
  /** Whether what an earlier process left is gone on with at once; otherwise when somebody asks for it. */
  readonly resume?: boolean;
  /** Work that fails leaves a line in the log. */
  readonly logger?: Logger | undefined;
}

/** Ended operations that are remembered at least, for as long as this. */
const MAX_ENDED = 1_000;
const MAX_AGE_MS = 14 * 86_400_000;
/** Beyond these, more are refused: each holds its request, and most are queued. */
const MAX_UNFINISHED = 256;
const BEAT_MS = 5_000;
/** How long another process may take to write the record of what it starts. */
const START_MS = 10_000;
/** How often another process's operation is looked at while somebody waits for it. */
const LOOK_MS = 500;
/** Work over which so many processes ended, without getting ahead in between, may be what ends them. */
const MAX_DEATHS = 10;

/** The name of the operation that a request starts: the same at every replica of its service. Without an id it is always another. */
export function operationNameOf(method: string, requestId: string): string {
  if (requestId === '') return `operations/${randomUUID()}`;
  const hex = createHash('sha256').update(`${method}\0${requestId}`).digest('hex');
  return `operations/${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')}`;
}

const unavailable = (message: string): HoneError =>
  new HoneError({ code: 'UNAVAILABLE', reason: 'OPERATION_STARTS_ELSEWHERE', message });

/** The operations of one service. */
export class OperationRegistry {
  private readonly entries = new Map<string, OperationEntry>();
  private readonly byRequestId = new Map<string, string>();
  /** Entries whose first write, or adoption, is under way. */
  private readonly settling = new Map<string, Promise<void>>();
  private readonly unreadable = new Set<string>();
  private readonly kinds: ReadonlyMap<string, AnyKind>;
  private readonly heart: NodeJS.Timeout;
  private readonly records: OperationRecords;
  private readonly self: ProcessOwner;
  private readonly options: RegistryOptions;

  private constructor(records: OperationRecords, self: ProcessOwner, options: RegistryOptions) {
    this.records = records;
    this.self = self;
    this.options = options;
    this.kinds = new Map((options.kinds ?? []).map((kind) => [kind.method, kind]));
    this.heart = setInterval(() => void this.beat().catch((thrown) => this.warn(thrown)), BEAT_MS).unref();
  }

  /** Opens the operations of a folder, and goes on with those that an earlier process left. */
  static async open(options: RegistryOptions): Promise<OperationRegistry> {
    const records = await OperationRecords.open(options.folder);
    const registry = new OperationRegistry(records, await ownerOf(process.pid), options);
    await registry.learn();
    if (options.resume ?? true) for (const entry of registry.left) await registry.takeUp(entry);
    return registry;
  }

  /** The operation that a request has started already, asked before its fields are checked: what they name may be gone by now. */
  async known(request: RequestIdentity): Promise<Operation | undefined> {
    if (request.id === '') return undefined;
    await this.learn();
    const entry = this.find(request);
    if (!entry) return undefined;
    await this.takeUp(entry);
    return entry.record.operation;
  }

  /** Starts work; a known request is answered with the operation that it started. Its record is on the disk when it is answered. */
  async start<Request, Metadata, Response>(
    kind: OperationKind<Request, Metadata, Response>,
    request: Request,
    identity: RequestIdentity,
  ): Promise<Operation> {
    const known = await this.known(identity);
    if (known) return known;
    // The same call may have come in between; from here to the entry nothing is waited for.
    const twin = this.find(identity);
    if (twin) return this.settled(twin);
    this.requireRoom();
    const entry = this.add(this.newRecord(kind, request, identity));
    try {
      await this.settle(entry, () => this.begin(entry, kind, request));
      requireSamePayload(entry.record.requestDigest, identity);
    } catch (thrown) {
      this.drop(entry);
      throw thrown;
    }
    return entry.record.operation;
  }

  /** Operations that this process works on. */
  get works(): number {
    return [...this.entries.values()].filter(({ isRunning }) => isRunning).length;
  }

  /** An operation as it is now. */
  async get(name: string): Promise<Operation> {
    return (await this.entryOf(name)).record.operation;
  }

  /** An operation when it has ended, or as it is when the time is over. */
  async wait(name: string, limitMs: number, signal: AbortSignal): Promise<Operation> {
    const over = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const isOver = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
    for (;;) {
      const entry = await this.entryOf(name);
      await this.takeUp(entry);
      if (entry.isDone || over.aborted) return entry.record.operation;
      if (entry.isRunning) {
        await Promise.race([entry.ended, isOver]);
        return entry.record.operation;
      }
      await sleep(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }

  /** Ends an operation, wherever it is worked on; also after a restart that comes before its end. */
  async cancel(name: string): Promise<void> {
    const entry = await this.entryOf(name);
    if (entry.isDone) return;
    await this.records.requestCancel(name);
    if (entry.isRunning) entry.cancel();
    else await this.takeUp(entry);
  }

  /** All records, as they are now. */
  async all(): Promise<OperationRecord[]> {
    await this.learn();
    for (const entry of this.left) await this.refresh(entry);
    return [...this.entries.values()].map(({ record }) => record);
  }

  /** Lays down all running work, and waits until it is: the next process goes on with it. */
  async close(): Promise<void> {
    clearInterval(this.heart);
    await Promise.allSettled(this.settling.values());
    for (const entry of this.entries.values()) if (entry.isRunning) entry.layDown();
    await Promise.all([...this.entries.values()].map(({ ended }) => ended));
  }

  /** The google.longrunning.Operations service over these operations. */
  get service(): ServiceBinding {
    return operationsService(this);
  }

  /** Begins new work, or finds that another process began the same at the same time. */
  private async begin(entry: OperationEntry, kind: AnyKind, request: unknown): Promise<void> {
    const { name } = entry;
    const claims = await this.records.claims(name, this.self);
    for (const givenUpAt = Date.now() + START_MS; ; await sleep(LOOK_MS / 5)) {
      const generation = await claims.take(0);
      const record = await this.records.read(name);
      if (generation !== undefined && !record) {
        await entry.keep({ generation }).catch(async (thrown: unknown) => {
          await claims.release(generation);
          throw thrown;
        });
        return entry.run(kind, request, { resumed: false, claims });
      }
      if (generation !== undefined) await claims.release(generation);
      if (record) return entry.replace(record);
      if (Date.now() > givenUpAt) throw unavailable(`another process starts ${name}, and does not get ahead with it`);
    }
  }

  private newRecord(kind: AnyKind, request: unknown, { id, digest }: RequestIdentity): OperationRecord {
    const now = new Date().toISOString();
    return {
      operation: Operation.fromPartial({ name: operationNameOf(kind.method, id) }),
      method: kind.method,
      requestId: id,
      requestDigest: digest,
      request: kind.request.toJSON(request),
      run: logContext().run ?? '',
      createTime: now,
      updateTime: now,
      endTime: '',
      owner: this.self,
      generation: 0,
      deaths: 0,
    };
  }

  /** What is under way and not worked on here, oldest first. */
  private get left(): OperationEntry[] {
    const left = [...this.entries.values()].filter((entry) => !entry.isDone && !entry.isRunning);
    return left.sort((one, other) => (one.record.createTime < other.record.createTime ? -1 : 1));
  }

  private find(request: RequestIdentity): OperationEntry | undefined {
    if (request.id === '') return undefined;
    const entry = this.entries.get(this.byRequestId.get(request.id) ?? '');
    if (entry) requireSamePayload(entry.record.requestDigest, request);
    return entry;
  }

  private add(record: OperationRecord): OperationEntry {
    const entry = new OperationEntry(record, this.records, this.options.logger);
    this.entries.set(entry.name, entry);
    if (record.requestId) this.byRequestId.set(record.requestId, entry.name);
    return entry;
  }

  private drop(entry: OperationEntry): void {
    this.entries.delete(entry.name);
    const { requestId } = entry.record;
    if (this.byRequestId.get(requestId) === entry.name) this.byRequestId.delete(requestId);
  }

  private async entryOf(name: string): Promise<OperationEntry> {
    if (!this.entries.has(name)) await this.learn();
    const entry = this.entries.get(name);
    if (entry) await this.refresh(entry);
    if (entry && this.entries.has(name)) return entry;
    throw notFound(name, 'no such operation, or it ended long ago and is forgotten');
  }

  /** Reads the records that other processes have written, and forgets those that nobody has to know any longer. */
  private async learn(): Promise<void> {
    for (const name of await this.records.names()) {
      if (this.entries.has(name) || this.unreadable.has(name)) continue;
      const record = await this.records.read(name).catch((thrown: unknown) => {
        this.unreadable.add(name);
        this.warn(thrown);
      });
      if (record && !this.entries.has(name)) this.add(record);
    }
    await this.forgetOld();
  }

  /** Reads what another process wrote of an operation meanwhile. */
  private async refresh(entry: OperationEntry): Promise<void> {
    await this.settling.get(entry.name);
    if (entry.isDone || entry.isRunning) return;
    const record = await this.records.read(entry.name);
    // What is being taken up here meanwhile is newer than what was read.
    if (this.settling.has(entry.name)) return;
    if (record) entry.replace(record);
    else this.drop(entry);
  }

  private async settled(entry: OperationEntry): Promise<Operation> {
    await this.settling.get(entry.name);
    return entry.record.operation;
  }

  /** Does what must be done to an entry by one call at a time; the others wait for it. */
  private settle(entry: OperationEntry, work: () => Promise<void>): Promise<void> {
    const underWay = this.settling.get(entry.name);
    if (underWay) return underWay;
    const settled = work().finally(() => this.settling.delete(entry.name));
    this.settling.set(entry.name, settled);
    return settled;
  }

  /** Goes on with an operation that nobody works on. */
  private async takeUp(entry: OperationEntry): Promise<void> {
    await this.refresh(entry);
    if (entry.isDone || entry.isRunning || !this.entries.has(entry.name)) return;
    await this.settle(entry, async () => {
      if (await this.isFree(entry)) await this.adopt(entry);
    });
  }

  private async isFree({ name, record: { owner } }: OperationEntry): Promise<boolean> {
    return owner === undefined || !(await isThere(owner, () => this.records.silentMs(name)));
  }

  /** Goes on with what is free, if no other process does. */
  private async adopt(entry: OperationEntry): Promise<void> {
    const claims = await this.records.claims(entry.name, this.self);
    const { generation: before } = entry.record;
    const generation = await claims.take(before);
    if (generation === undefined) return;
    // What was read may be of before the work of another process, whose rights are given back by now.
    const record = await this.records.read(entry.name);
    if (record) entry.replace(record);
    try {
      if (record?.generation !== before || record.operation.done) return;
      await this.adoptAs(entry, generation, claims);
    } finally {
      await claims.release(before, entry.isRunning ? generation - 1 : generation);
    }
  }

  private async adoptAs(entry: OperationEntry, generation: number, claims: Claims): Promise<void> {
    const { method, request, owner } = entry.record;
    const deaths = entry.record.deaths + (owner ? 1 : 0);
    const kind = this.kinds.get(method);
    if (await this.records.isCancelRequested(entry.name)) return entry.fail(cancelled());
    if (!kind) return entry.fail(serviceRestarted(`this version does not know ${method}`));
    if (deaths > MAX_DEATHS) return entry.fail(serviceRestarted(`${deaths} processes ended over it`));
    await entry.keep({ owner: this.self, generation, deaths });
    this.options.logger?.info({ operation: entry.name }, 'going on with an operation');
    entry.run(kind, kind.request.fromJSON(request), { resumed: true, claims });
  }

  private async beat(): Promise<void> {
    for (const entry of this.entries.values()) {
      if (!entry.isRunning) continue;
      const record = await this.records.read(entry.name);
      if (record && record.generation > entry.record.generation) {
        this.options.logger?.warn({ operation: entry.name }, 'another process took an operation up: it goes on there');
        await entry.lostTo(record);
        continue;
      }
      await this.records.touch(entry.name);
      if (await this.records.isCancelRequested(entry.name)) entry.cancel();
    }
    if (this.options.resume ?? true) for (const entry of this.left) await this.takeUp(entry);
  }

  private requireRoom(): void {
    const unfinished = [...this.entries.values()].filter(({ isDone }) => !isDone).length;
    if (unfinished < MAX_UNFINISHED) return;
    const message = `${unfinished} operations are under way or queued: ask again when some have ended`;
    throw resourceExhausted('TOO_MANY_OPERATIONS', message);
  }

  private async forgetOld(): Promise<void> {
    const oldest = new Date(Date.now() - MAX_AGE_MS).toISOString();
    const ended = [...this.entries.values()].filter(({ isDone }) => isDone);
    ended.sort((one, other) => (one.record.endTime > other.record.endTime ? -1 : 1));
    const old = ended.filter(({ record }, index) => index >= MAX_ENDED || record.endTime < oldest);
    for (const entry of this.left) if (entry.record.updateTime < oldest && (await this.isFree(entry))) old.push(entry);
    for (const entry of old) {
      this.drop(entry);
      await this.records.remove(entry.name);
    }
  }

  private warn(thrown: unknown): void {
    this.options.logger?.warn(failureFields(thrown), 'the records of operations are out of reach or damaged');
  }
}
