/** The scorer's worker processes: each does one piece of work at a time, and is replaced where it had to be killed. */
import { HoneError } from '@hone/errors';
import type { ServiceOptions } from '@hone/rpc';
import { spawnWorker, type Worker } from '@hone/workers';
import type { JudgeRequest, JudgeResult } from './worker-api.ts';

/** Why a piece of work has no result: its process was stopped, or ended by itself. */
export class Stopped extends Error {}

/** What a parser may take before its process ends. */
const HEAP_FLAG = '--max-old-space-size=512';
type Logger = ServiceOptions['logger'];

/** A place for one process, which starts when it is first needed. */
class Slot {
  private worker: Worker | undefined;

  constructor(
    private readonly entry: URL,
    private readonly logger: Logger,
  ) {}

  async run(request: JudgeRequest, timeoutMs: number): Promise<JudgeResult> {
    const worker = await this.ready();
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    const stop = (): void => {
      late = true;
      this.logger.warn({ workerPid: worker.pid, scorer: request.scorer, timeoutMs }, 'an item took too long');
      void worker.kill();
    };
    try {
      timer = setTimeout(stop, timeoutMs);
      return await worker.call<JudgeRequest, never, JudgeResult>('judge', request);
    } catch (thrown) {
      if (late) throw new Stopped(`was not judged within ${timeoutMs} ms`);
      const ended = thrown instanceof HoneError && thrown.code === 'UNAVAILABLE';
      throw ended ? new Stopped(`ended the scorer's process: ${thrown.message}`) : thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.worker?.close();
  }

  /** A process that has started: the time that takes is no item's. */
  private async ready(): Promise<Worker> {
    if (this.worker?.alive) return this.worker;
    this.worker = spawnWorker(this.entry, { logger: this.logger, execArgv: [HEAP_FLAG] });
    await this.worker.usage();
    return this.worker;
  }
}

/** A fixed number of processes; work waits, first come first served, until one is free. */
export class WorkerSlots {
  readonly size: number;
  private readonly free: Slot[];
  private readonly all: readonly Slot[];
  private readonly waiting: ((slot: Slot) => void)[] = [];

  constructor(entry: URL, size: number, logger: Logger) {
    this.size = size;
    this.all = Array.from({ length: size }, () => new Slot(entry, logger));
    this.free = [...this.all];
  }

  /** Judges the request's first items; throws Stopped where that takes longer than allowed, or ends the process. */
  async judge(request: JudgeRequest, timeoutMs: number): Promise<JudgeResult> {
    const slot = this.free.pop() ?? (await new Promise<Slot>((resolve) => this.waiting.push(resolve)));
    try {
      return await slot.run(request, timeoutMs);
    } finally {
      const next = this.waiting.shift();
      if (next) next(slot);
      else this.free.push(slot);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((slot) => slot.close()));
  }
}
