import type { ModelConfig, Weights } from '@hone/checkpoint';
import { buildDecodeGraph } from '@hone/models';
import { Session, type Binding, type SessionOptions, type TensorViews } from '@hone/runtime';
import { cacheLayouts, CachedFeeds, externalData } from './cached-feeds.ts';
import type { KvCache } from '../cache/kv-cache.ts';
import type { PromptGroups } from '../cache/prompt-groups.ts';
import type { WeightPrecision } from './precision.ts';
import { QUANTIZED_LOCATION, quantizeWeights } from './quantize.ts';
import type { StepInputs } from '../sampling/step-inputs.ts';

/** What a step reads. */
export interface StepState {
  /** What the rows hold behind their prompts. */
  readonly rows: KvCache;
  readonly prompts: KvCache;
  readonly groups: PromptGroups;
  readonly inputs: StepInputs;
}

/** What a step gives; overwritten by the next one. */
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
  readonly api?: NonNullable<SessionOptions['api']>;
  readonly precision?: WeightPrecision;
}

/** Shapes and arrays that a binding was made for. */
function signature({ rows, prompts, groups, inputs }: StepState): string {
  const shapes = [inputs.width, inputs.chunkLength, rows.capacity, groups.prompts, prompts.capacity, groups.members];
  return [...shapes, rows.generation, prompts.generation].join();
}

/** The model's decode graph in a session. */
export class DecodeGraph {
  readonly cacheLayouts;
  private readonly feeds: CachedFeeds;
  /** `[]` bool: whether the tokens must be sorted. */
  private readonly truncate = new Uint8Array(1);
  private bound: { readonly inputs: StepInputs; readonly signature: string; readonly run: Bound } | undefined;

  private constructor(
    private readonly session: Session,
    private readonly config: ModelConfig,
  ) {
    this.cacheLayouts = cacheLayouts(config);
    this.feeds = new CachedFeeds(config);
  }

  get keyHeads(): number {
    return this.config.numKeyValueHeads;
  }

  /** Query heads that share a key head. */
  get queryGroup(): number {
    return this.config.numAttentionHeads / this.config.numKeyValueHeads;
  }

  static async create({ config, weights, precision, ...options }: GraphOptions): Promise<DecodeGraph> {
    const quantized = precision === 'int8' ? quantizeWeights(weights, config) : undefined;
    const model = buildDecodeGraph(config, weights, { quantized: quantized?.locations });
    const external = { ...externalData(weights), ...(quantized && { [QUANTIZED_LOCATION]: quantized.bytes }) };
    const session = await Session.create(model, { ...options, external, keepMemory: true });
    return new DecodeGraph(session, config);
  }

  /** Runs one chunk behind the cache, and draws a token for every row. */
  async step(state: StepState): Promise<StepOutputs> {
    const { binding, outputs } = this.bind(state);
    this.truncate[0] = Number(state.inputs.truncates(this.config.vocabSize));
    await binding.run();
    return outputs;
  }

  /** Steps of the same shapes share their tensors. */
  private bind(state: StepState): Bound {
    const now = signature(state);
    // A sliding window's masks are made for one step.
    const fresh = this.config.layers.some(({ window }) => window !== null);
    if (fresh || this.bound?.inputs !== state.inputs || this.bound.signature !== now) {
      this.bound?.run.binding.release();
      this.bound = { inputs: state.inputs, signature: now, run: this.makeBinding(state) };
    }
    return this.bound.run;
  }

  private makeBinding(state: StepState): Bound {
    const { rows, prompts, groups, inputs } = state;
    const { width } = inputs;
    const row = (data: Float32Array | Int32Array) => ({ data: data.subarray(0, width), shape: [width, 1] });
    const feeds: TensorViews = {
      ...this.feeds.of(rows, inputs),
      ...this.feeds.ofPrompts(prompts, groups, rows, width),
      last_index: { data: inputs.lastIndex.subarray(0, width), shape: [width] },
      inverse_temperature: row(inputs.inverseTemperature),
      uniform: row(inputs.uniform),
      top_k: row(inputs.topK),
      top_p: row(inputs.topP),
      truncate: { data: this.truncate, shape: [] },
    };
    const tokens = { data: new Int32Array(width), shape: [width] };
    const logProbs = { data: new Float32Array(width), shape: [width] };
    const newKeyValues = this.feeds.newKeyValueViews(width, inputs.chunkLength);
    const binding = this.session.bind(feeds, { token: tokens, log_prob: logProbs, ...newKeyValues });
    const outputs = {
      tokens: tokens.data,
      logProbs: logProbs.data,
      newKeyValues: this.feeds.outputs.map((name) => newKeyValues[name]!.data),
    };
    return { binding, outputs };
  }

  async close(): Promise<void> {
    this.bound?.run.binding.release();
    await this.session.close();
  }
}

interface Bound {
  readonly binding: Binding;
  readonly outputs: StepOutputs;
}
