import type { ModelConfig, Weights } from '@hone/checkpoint';
import { buildDecodeGraph } from '@hone/models';
import { Session, type TensorView } from '@hone/runtime';
import { cacheLayouts, CachedFeeds, externalData } from './cached-feeds.ts';
import type { KvCache } from './kv-cache.ts';
import type { StepInputs } from './step-inputs.ts';

/** What a step gives. */
export interface StepOutputs {
  /** `[width]` */
  readonly tokens: Int32Array;
  /** `[width]`: of the drawn tokens, at temperature 1, untruncated. */
  readonly logProbs: Float32Array;
  /** Keys and values of the chunk, in the order of the cache's tensors. */
  readonly newKeyValues: readonly Float32Array[];
}

export interface GraphOptions {
  readonly config: ModelConfig;
  readonly weights: Weights;
  readonly threads: number;
}

/** The model's decode graph in a session. */
export class DecodeGraph {
  readonly cacheLayouts;
  private readonly feeds: CachedFeeds;

  private constructor(
    private readonly session: Session,
    private readonly config: ModelConfig,
  ) {
    this.cacheLayouts = cacheLayouts(config);
    this.feeds = new CachedFeeds(config);
  }

  static async create({ config, weights, threads }: GraphOptions): Promise<DecodeGraph> {
    const model = buildDecodeGraph(config, weights);
    const session = await Session.create(model, { threads, external: externalData(weights), keepMemory: true });
    return new DecodeGraph(session, config);
  }

  /** Runs one chunk behind the cache, and draws a token for every row. */
  async step(cache: KvCache, inputs: StepInputs): Promise<StepOutputs> {
    const { width } = inputs;
    const row = (data: Float32Array | Int32Array): TensorView => ({ data: data.subarray(0, width), shape: [width, 1] });
    const feeds = {
      ...this.feeds.of(cache, inputs),
      last_index: { data: inputs.lastIndex.subarray(0, width), shape: [width] },
      inverse_temperature: row(inputs.inverseTemperature),
      uniform: row(inputs.uniform),
      top_k: row(inputs.topK),
      top_p: row(inputs.topP),
      truncate: { data: Uint8Array.of(inputs.truncates(this.config.vocabSize) ? 1 : 0), shape: [] },
    };
    const results = await this.session.run(feeds, ['token', 'log_prob', ...this.feeds.outputs]);
    return {
      tokens: results['token'] as Int32Array,
      logProbs: results['log_prob'] as Float32Array,
      newKeyValues: this.feeds.newKeyValues(results),
    };
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
