/** The engine's worker processes. */
import { cacheBytesPerPosition, parameterCount } from '@hone/decoding/requests';
import { resourceExhausted } from '@hone/errors';
import type { EngineOptions } from '@hone/extensions';
import type { ModelConfig } from '@hone/checkpoint';
import { spawnWorker, type Worker } from '@hone/workers';
import type { EngineUsage } from '../../port.ts';

/**
 * Below this a matrix product is too small to be worth splitting: one process a core beats one process with many threads.
 * Above it, the weights should be in memory once.
 */
const SMALL_MODEL_PARAMETERS = 50e6;

/** What a worker takes beside weights and cache: its runtime, code, and the values between two operators. */
const WORKER_BYTES = 128 * 2 ** 20;
/** The weights as ONNX Runtime packs them, and the file's or a second graph's beside them. */
const WEIGHT_COPIES = 2;
/** More is of no use: the rows of a batch are limited too. */
const MOST_CACHE_BYTES = 4 * 2 ** 30;

/** Which workers compute with a model, and what each may use. */
export interface Placement {
  readonly workers: readonly Worker[];
  readonly threads: number;
  readonly maxCacheBytes: number;
}

/** What is left of a worker's memory for keys and values; too little for one sample of full length is an error. */
function cacheBytes(config: ModelConfig, workers: number, memoryBytes: number): number {
  const weights = WEIGHT_COPIES * Float32Array.BYTES_PER_ELEMENT * parameterCount(config);
  const left = Math.floor(memoryBytes / workers) - weights - WORKER_BYTES;
  // A prompt and its sample are held apart.
  const least = 2 * cacheBytesPerPosition(config) * Math.min(config.maxPositionEmbeddings, 4096);
  if (left >= least) return Math.min(left, MOST_CACHE_BYTES);
  const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const needed = gibibytes((weights + WORKER_BYTES + least) * workers);
  const rule = `sampling from this model takes ${needed} of memory, but ${gibibytes(memoryBytes)} are allowed`;
  throw resourceExhausted('OUT_OF_MEMORY', `${rule}: allow the sampler more`);
}

/** Starts workers when they are first needed, and anew where one has died. */
export class WorkerPool {
  private readonly workers: (Worker | undefined)[] = [];
  private readonly cpuSeconds = new Map<Worker, number>();

  constructor(
    private readonly entry: URL,
    private readonly threads: number,
    private readonly memoryBytes: number,
    private readonly logger: EngineOptions['logger'],
  ) {}

  place(config: ModelConfig): Placement {
    const small = parameterCount(config) < SMALL_MODEL_PARAMETERS;
    const count = small ? this.threads : 1;
    const maxCacheBytes = cacheBytes(config, count, this.memoryBytes);
    const workers = Array.from({ length: count }, (_, index) => this.worker(index));
    return { workers, threads: small ? 1 : this.threads, maxCacheBytes };
  }

  /** CPU time of all processes, of those that ended as far as it was asked before; peak memory of those that live. */
  async usage(): Promise<EngineUsage> {
    let peakMemoryBytes = 0;
    const ask = async (worker: Worker): Promise<void> => {
      // One that dies meanwhile is told of by the calls that it had.
      const usage = await worker.usage().catch(() => undefined);
      if (!usage) return;
      this.cpuSeconds.set(worker, usage.cpuSeconds);
      peakMemoryBytes += usage.peakMemoryBytes;
    };
    await Promise.all(this.workers.flatMap((worker) => (worker?.alive ? [ask(worker)] : [])));
    const cpuSeconds = [...this.cpuSeconds.values()].reduce((sum, seconds) => sum + seconds, 0);
    return { cpuSeconds, peakMemoryBytes };
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
