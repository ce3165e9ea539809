/** Families that are built as Llama is: each states how it differs, and has its parser, weights and names in GGUF made from that. */
import { parseActivation } from '../config/activation.ts';
import type { ConfigFields } from '../config/config-fields.ts';
import { LIMITS } from '../config/config-limits.ts';
import type { GgufFile } from '../gguf/gguf-file.ts';
import { llamaLikeMetadata } from '../gguf/llama-like-metadata.ts';
import { layerTypes, slidingWindow, type WindowRules } from '../config/layer-attention.ts';
import { parseRope, type Rope } from '../config/rope.ts';
import type { FamilyConfig, GgufMap, LayerNorms, LlamaDecoder, ModelConfig, ModelFamily } from './family.ts';
import { llamaLikeWeights } from './llama-like-weights.ts';

/** What a family's config class of Transformers (5.23) has where config.json lacks a key. */
interface ClassDefaults {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly vocabSize: number;
  readonly attentionHeads: number;
  /** Null: as many as there are attention heads. */
  readonly keyValueHeads: number | null;
  /** Null: hidden_size / num_attention_heads. */
  readonly headDim: number | null;
  readonly context: number;
  readonly normEps: number;
  readonly tiesEmbeddings: boolean;
}

/** How a family differs from Llama. */
export interface LlamaLike {
  readonly modelType: string;
  readonly className: string;
  readonly defaults: Partial<ClassDefaults>;
  /** Key of the activation, and what it is where it is missing. */
  readonly activation?: readonly [key: string, whenMissing: string];
  readonly biases: (fields: ConfigFields) => FamilyConfig['biases'];
  readonly windows: (fields: ConfigFields, context: number) => WindowRules;
  /** Rotary embedding of layers with a window and of those without. */
  readonly rope?: (
    fields: ConfigFields,
    context: number,
    headDim: number,
  ) => { readonly full: Rope; readonly sliding: Rope };
  /** What scores are multiplied by; without it, 1 / sqrt(headDim). */
  readonly scale?: (fields: ConfigFields) => number;
  readonly decoder?: Partial<Omit<LlamaDecoder, 'kind'>>;
  /** `settings`: what config.json says besides what all say. */
  readonly gguf: {
    readonly architecture: string;
    readonly holds?: (source: GgufFile) => boolean;
    readonly rotatesNeighbours?: boolean;
    /** Whether a part of each head may be turned. */
    readonly turnsPart?: boolean;
    /** A key that is undefined is left out. */
    readonly settings?: (source: GgufFile) => Record<string, unknown>;
  } | null;
}

const LLAMA: ClassDefaults = {
  hiddenSize: 4096,
  intermediateSize: 11008,
  numLayers: 32,
  vocabSize: 32000,
  attentionHeads: 32,
  keyValueHeads: null,
  headDim: null,
  context: 2048,
  normEps: 1e-6,
  tiesEmbeddings: false,
};

const DECODER: LlamaDecoder = {
  kind: 'llama',
  norms: {
    beforeAttention: 'input_layernorm',
    afterAttention: null,
    beforeFeedForward: 'post_attention_layernorm',
    afterFeedForward: null,
  },
  queryKeyNorm: null,
  isFused: false,
  normOffset: 0,
  scalesEmbedding: false,
};

export function llamaLike(family: LlamaLike): ModelFamily {
  const decoder = { ...DECODER, ...family.decoder };
  return {
    modelType: family.modelType,
    className: family.className,
    parse: (fields) => parseLlamaLike(fields, family),
    sizes: ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'vocab_size'].map((name) => [name]),
    weights: (config: ModelConfig) => llamaLikeWeights(config, decoder),
    basePrefix: 'model',
    layerPrefix: 'model.layers',
    computedTensors: /(^|\.)rotary_emb\.inv_freq$/,
    decoder,
    gguf: family.gguf && ggufMap(family.gguf, decoder),
  };
}

export const NO_BIASES = { queryKeyValue: false, attentionOutput: false, feedForward: false };

/** Biases of all projections of attention, where `attention_bias` says so. */
export function attentionBiases(fields: ConfigFields): FamilyConfig['biases'] {
  const attention = fields.boolean('attention_bias', false);
  return { ...NO_BIASES, queryKeyValue: attention, attentionOutput: attention };
}

/** For families whose own code knows no window, whatever their config says. */
export function noWindow(fields: ConfigFields, context: number): WindowRules {
  const window = slidingWindow(fields, null);
  if (window !== null && window < context) throw fields.unsupported('sliding_window', 'null is');
  return { window: null, isSliding: () => false };
}

function parseLlamaLike(fields: ConfigFields, family: LlamaLike): FamilyConfig {
  const defaults = { ...LLAMA, ...family.defaults };
  const numLayers = fields.size('num_hidden_layers', LIMITS.layers, { whenMissing: defaults.numLayers });
  const context = fields.size('max_position_embeddings', LIMITS.positions, { whenMissing: defaults.context });
  const heads = headsOf(fields, defaults);
  const types = layerTypes(fields, { numLayers, context }, family.windows(fields, context));
  const scale = family.scale?.(fields) ?? 1 / Math.sqrt(heads.headDim);
  const rope = family.rope?.(fields, context, heads.headDim) ?? sameForAll(parseRope(fields, context));
  for (const each of [rope.full, rope.sliding]) requireFactors(fields, each, heads.headDim);
  const [activation, usual] = family.activation ?? ['hidden_act', 'silu'];
  return {
    architecture: family.modelType,
    ...heads,
    intermediateSize: fields.size('intermediate_size', LIMITS.width, { whenMissing: defaults.intermediateSize }),
    activation: parseActivation(fields, activation, usual),
    numLayers,
    layers: types.map(({ isSliding, window }) => ({ window, scale, rope: isSliding ? rope.sliding : rope.full })),
    maxPositionEmbeddings: Math.min(context, ...[rope.full, rope.sliding].map(longestOf)),
    normEps: fields.positiveNumber('rms_norm_eps', defaults.normEps),
    biases: family.biases(fields),
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', defaults.tiesEmbeddings),
    vocabSize: fields.size('vocab_size', LIMITS.vocabulary, { whenMissing: defaults.vocabSize }),
  };
}

function requireFactors(fields: ConfigFields, { scaling, turnedDims }: Rope, headDim: number): void {
  const pairs = (turnedDims ?? headDim) / 2;
  if (scaling?.type !== 'longrope' || scaling.shortFactors.length === pairs) return;
  throw fields.wrong('rope_scaling', `must have ${pairs} factors in short_factor`);
}

/** LongRoPE's other factors hold beyond the original context: there no sequence goes. */
const longestOf = ({ scaling }: Rope): number =>
  scaling?.type === 'longrope' ? scaling.originalMaxPositionEmbeddings : Infinity;

const sameForAll = (rope: Rope) => ({ full: rope, sliding: rope });

type Heads = Pick<FamilyConfig, 'hiddenSize' | 'numAttentionHeads' | 'numKeyValueHeads' | 'headDim'>;

function headsOf(fields: ConfigFields, defaults: ClassDefaults): Heads {
  const hiddenSize = fields.size('hidden_size', LIMITS.width, { whenMissing: defaults.hiddenSize });
  const numAttentionHeads = fields.size('num_attention_heads', LIMITS.heads, { whenMissing: defaults.attentionHeads });
  const numKeyValueHeads = fields.size('num_key_value_heads', LIMITS.heads, {
    whenMissing: defaults.keyValueHeads ?? numAttentionHeads,
    whenNull: numAttentionHeads,
  });
  const headDim = fields.size('head_dim', LIMITS.headDim, {
    whenMissing: defaults.headDim ?? Math.floor(hiddenSize / numAttentionHeads),
  });
  if (numAttentionHeads % numKeyValueHeads !== 0) {
    throw fields.wrong(
      'num_key_value_heads',
      `must divide num_attention_heads (${numAttentionHeads})`,
      numKeyValueHeads,
    );
  }
  if (headDim % 2 !== 0) {
    throw fields.wrong('head_dim', 'must be even, because rotary embedding turns pairs', headDim);
  }
  return { hiddenSize, numAttentionHeads, numKeyValueHeads, headDim };
}

const stated = (keys: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));

/** llama.cpp's names, which are by the position of a norm where Hugging Face's are by the order of writing. */
const GGUF_NORMS: Readonly<Record<keyof LayerNorms, string>> = {
  beforeAttention: 'attn_norm',
  afterAttention: 'post_attention_norm',
  beforeFeedForward: 'ffn_norm',
  afterFeedForward: 'post_ffw_norm',
};

const GGUF_NAMES = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'self_attn.o_proj': 'attn_output',
  'self_attn.qkv_proj': 'attn_qkv',
  'mlp.gate_up_proj': 'ffn_up',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

function ggufMap(gguf: NonNullable<LlamaLike['gguf']>, { norms, normOffset }: LlamaDecoder): GgufMap {
  const named = Object.entries(norms) as [keyof LayerNorms, string | null][];
  const ofNorms = named.flatMap(([position, name]) => (name === null ? [] : [[name, GGUF_NORMS[position]] as const]));
  return {
    architecture: gguf.architecture,
    holds: gguf.holds,
    config: (source) => {
      const shared = llamaLikeMetadata(source, gguf.architecture, gguf.turnsPart ?? false);
      return stated({ ...shared, ...gguf.settings?.(source) });
    },
    names: { ...GGUF_NAMES, ...Object.fromEntries(ofNorms) },
    rotatesNeighbours: gguf.rotatesNeighbours ?? false,
    // llama.cpp's RMSNorm adds nothing, so converters do.
    normShift: normOffset,
  };
}
