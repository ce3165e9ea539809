/** The sampler's worker processes. */
import { parameterCount } from '@hone/decoding/requests';
import type { ModelConfig } from '@hone/checkpoint';
import { spawnWorker, type Worker } from '@hone/workers';
import type { ServiceOptions } from '@hone/rpc';

/**
 * Below this a matrix product is too small to be worth splitting: one process a core beats one process with many threads.
 * Above it, the weights should be in memory once.
 */
const SMALL_MODEL_PARAMETERS = 50e6;

/** Which workers compute with a model, and with how many threads each. */
export interface Placement {
  readonly workers: readonly Worker[];
  readonly threads: number;
}

/** Starts workers when they are first needed, and anew where one has died. */
export class WorkerPool {
  private readonly workers: (Worker | undefined)[] = [];

  constructor(
    private readonly entry: URL,
    private readonly threads: number,
    private readonly logger: ServiceOptions['logger'],
  ) {}

  place(config: ModelConfig): Placement {
    if (parameterCount(config) >= SMALL_MODEL_PARAMETERS) return { workers: [this.worker(0)], threads: this.threads };
    return { workers: Array.from({ length: this.threads }, (_, index) => this.worker(index)), threads: 1 };
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker?.close()));
  }

  private worker(index: number): Worker {
    const existing = this.workers[index];
    if (existing?.alive) return existing;
    if (existing) this.logger.warn({ workerPid: existing.pid }, 'worker ended; starting another');
    const worker = spawnWorker(this.entry, { logger: this.logger });
    this.workers[index] = worker;
    return worker;
  }
}
