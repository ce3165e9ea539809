import { throwIfAborted } from '@hone/errors';

/** Somebody who waits for a slot. */
interface Waiter {
  readonly runId: string;
  readonly enter: () => void;
}

/**
 * Slots at a service, shared by the runs at work. A free slot goes to the run that has the fewest, among equals to the one
 * that was served longest ago: a run with many queued shards does not keep out one with few.
 */
export class FairShare {
  private slots: number;
  /** Below 0 while more are in than there are slots since they became fewer. */
  private free: number;
  private readonly waiting: Waiter[] = [];
  private readonly held = new Map<string, number>();
  /** Runs that were served, the last one at the end. */
  private readonly served = new Set<string>();

  constructor(slots: number) {
    this.slots = slots;
    this.free = slots;
  }

  /** From now on there are so many slots. Whoever is in stays in. */
  resize(slots: number): void {
    this.free += slots - this.slots;
    this.slots = slots;
    this.letIn();
  }

  /** Does work that takes a slot, as soon as there is one. */
  async use<Result>(runId: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.enter(runId, signal);
    try {
      return await work();
    } finally {
      this.leave(runId);
    }
  }

  private async enter(runId: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        runId,
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        try {
          throwIfAborted(signal);
        } catch (thrown) {
          reject(thrown as Error);
        }
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(waiter);
      this.letIn();
    });
  }

  private leave(runId: string): void {
    const held = this.held.get(runId)! - 1;
    if (held > 0) this.held.set(runId, held);
    else this.held.delete(runId);
    this.free += 1;
    this.letIn();
  }

  private letIn(): void {
    while (this.free > 0 && this.waiting.length > 0) {
      const [next] = this.waiting.toSorted((left, right) => this.rank(left) - this.rank(right));
      this.waiting.splice(this.waiting.indexOf(next!), 1);
      this.free -= 1;
      this.held.set(next!.runId, (this.held.get(next!.runId) ?? 0) + 1);
      this.served.delete(next!.runId);
      this.served.add(next!.runId);
      next!.enter();
    }
    if (this.held.size === 0 && this.waiting.length === 0) this.served.clear();
  }

  /** Lower comes first. */
  private rank({ runId }: Waiter): number {
    const held = this.held.get(runId) ?? 0;
    return held * (this.served.size + 2) + [...this.served].indexOf(runId) + 1;
  }
}
