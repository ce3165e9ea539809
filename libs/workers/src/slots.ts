/** A fixed number of worker processes, each with one piece of work at a time, that are ended where it takes too long. */
import { cancelled, HoneError } from '@hone/errors';
import { spawnWorker, type Worker, type WorkerOptions } from './spawn.ts';

/** Why a piece of work has no result: its process was ended, or ended by itself. */
export class Stopped extends Error {}

/** A call of a worker's method, and what it may take. */
export interface Piece<Request> {
  readonly method: string;
  readonly request: Request;
  /** The process is ended behind this time. */
  readonly timeoutMs: number;
  /** Ends the work: the process is ended where it does not come to an end by itself at once. */
  readonly signal?: AbortSignal | undefined;
  /** Whose work it is: work of one owner never takes all processes, so that it cannot hold up the others'. */
  readonly owner?: string | undefined;
}

/** What a cancelled piece may still take: harmless work is done sooner, and its process goes on. */
const CANCEL_GRACE_MS = 200;

/** A slot for one process, which starts when it is first needed. */
class Slot {
  private worker: Worker | undefined;

  constructor(
    private readonly entry: URL,
    private readonly options: WorkerOptions,
  ) {}

  async run<Request, Result>({ method, request, timeoutMs, signal }: Piece<Request>): Promise<Result> {
    const worker = await this.ready();
    let late = false;
    let timer = setTimeout(() => {
      late = true;
      this.options.logger?.warn({ workerPid: worker.pid, method, timeoutMs }, 'a piece of work took too long');
      void worker.kill();
    }, timeoutMs);
    const cancel = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void worker.kill(), CANCEL_GRACE_MS);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (signal?.aborted) throw cancelled();
      return await worker.call<Request, never, Result>(method, request);
    } catch (thrown) {
      if (signal?.aborted) throw cancelled();
      if (late) throw new Stopped(`was not done within ${timeoutMs} ms`);
      const ended = thrown instanceof HoneError && thrown.code === 'UNAVAILABLE';
      throw ended ? new Stopped(`ended its process: ${thrown.message}`) : thrown;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    await this.worker?.close();
  }

  /** A process that has started: the time that takes is no work's. */
  private async ready(): Promise<Worker> {
    if (this.worker?.alive) return this.worker;
    this.worker = spawnWorker(this.entry, this.options);
    await this.worker.usage();
    return this.worker;
  }
}

interface Waiting {
  readonly owner: string | undefined;
  start(slot: Slot): void;
}

/** The processes; work waits, first come first served, until one is free. */
export class WorkerSlots {
  readonly size: number;
  private readonly free: Slot[];
  private readonly all: readonly Slot[];
  private readonly waiting: Waiting[] = [];
  /** Processes in use, by the owner of their work. */
  private readonly inUse = new Map<string, number>();

  constructor(entry: URL, size: number, options: WorkerOptions) {
    this.size = size;
    this.all = Array.from({ length: size }, () => new Slot(entry, options));
    this.free = [...this.all];
  }

  /** Does a piece of work; throws Stopped where it takes longer than allowed, or ends its process. */
  async run<Request, Result>(piece: Piece<Request>): Promise<Result> {
    const { owner } = piece;
    const slot = await this.take(owner, piece.signal);
    try {
      return await slot.run<Request, Result>(piece);
    } finally {
      this.giveBack(slot, owner);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((slot) => slot.close()));
  }

  private take(owner: string | undefined, signal: AbortSignal | undefined): Promise<Slot> {
    if (signal?.aborted) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(waiting), 1);
        reject(cancelled());
      };
      const start = (slot: Slot): void => {
        signal?.removeEventListener('abort', leave);
        resolve(slot);
      };
      const waiting: Waiting = { owner, start };
      this.waiting.push(waiting);
      signal?.addEventListener('abort', leave, { once: true });
      this.deal();
    });
  }

  private giveBack(slot: Slot, owner: string | undefined): void {
    if (owner !== undefined) this.count(owner, -1);
    this.free.push(slot);
    this.deal();
  }

  /** Hands the free processes to those who wait and may have one. */
  private deal(): void {
    while (this.free.length > 0) {
      const index = this.waiting.findIndex(({ owner }) => this.mayHave(owner));
      if (index < 0) return;
      const [next] = this.waiting.splice(index, 1);
      if (next!.owner !== undefined) this.count(next!.owner, 1);
      next!.start(this.free.pop()!);
    }
  }

  private mayHave(owner: string | undefined): boolean {
    return owner === undefined || (this.inUse.get(owner) ?? 0) < Math.max(1, this.size - 1);
  }

  private count(owner: string, change: number): void {
    const count = (this.inUse.get(owner) ?? 0) + change;
    if (count > 0) this.inUse.set(owner, count);
    else this.inUse.delete(owner);
  }
}
