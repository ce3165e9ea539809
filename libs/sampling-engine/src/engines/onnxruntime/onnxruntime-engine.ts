import { randomUUID } from 'node:crypto';
import type { Engine } from '@hone/contracts';
import type { EngineOptions } from '@hone/extensions';
import { describeRuntime } from '@hone/runtime/description';
import type {
  DrawnSample,
  EngineCallOptions,
  EngineUsage,
  LogProbsCall,
  Model,
  SampleCall,
  SamplingEngine,
} from '../../port.ts';
import { chunksOf } from './chunks.ts';
import { drawChunks } from './draw-chunks.ts';
import type { LogProbsChunk, ModelRef } from './protocol.ts';
import { WorkerPool, type Placement } from './worker-pool.ts';

/** Precisions of the port in the words of the decoding library. */
const PRECISIONS = { float32: 'fp32', int8: 'int8' } as const;
type Precision = keyof typeof PRECISIONS;

/** Worker processes, each with a model in ONNX Runtime; the parts of a call are dealt out among them. */
export class OnnxRuntimeEngine implements SamplingEngine {
  readonly capacity = 2;
  private readonly pool: WorkerPool;

  constructor({ entries, threads, memoryBytes, logger }: EngineOptions) {
    this.pool = new WorkerPool(new URL('worker.mjs', entries), threads, memoryBytes, logger);
  }

  describe(): Engine {
    return {
      ...describeRuntime(),
      precision: 'float32',
      precisions: Object.keys(PRECISIONS),
      capabilities: ['exact-log-probs', 'log-probs', 'stop-texts'],
    };
  }

  sample(call: SampleCall, { signal }: EngineCallOptions): AsyncIterable<DrawnSample> {
    const { model, prompts, n, sampling, stops, seed, precision } = call;
    const placement = this.pool.place(model.config);
    const chunks = chunksOf(prompts, n, placement.workers.length);
    const shared = { ...refOf(model, placement, precision as Precision), sampling, stops, seed, call: randomUUID() };
    return drawChunks(placement.workers, chunks, shared, signal);
  }

  /** The workers take equal shares. */
  async logProbs({ model, sequences }: LogProbsCall, { signal }: EngineCallOptions): Promise<Float32Array[]> {
    const placement = this.pool.place(model.config);
    const size = Math.ceil(sequences.length / placement.workers.length);
    const shares = placement.workers.map((worker, index) => {
      const share = sequences.slice(index * size, (index + 1) * size);
      if (share.length === 0) return [];
      const chunk: LogProbsChunk = { ...refOf(model, placement, 'float32'), sequences: share };
      return worker.call<LogProbsChunk, never, Float32Array[]>('logProbs', chunk, { signal });
    });
    return (await Promise.all(shares)).flat();
  }

  usage(): Promise<EngineUsage> {
    return this.pool.usage();
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

const refOf = ({ folder, config }: Model, placement: Placement, precision: Precision): ModelRef => ({
  ...{ folder, eosTokenIds: config.eosTokenIds, threads: placement.threads, maxCacheBytes: placement.maxCacheBytes },
  precision: PRECISIONS[precision],
});
