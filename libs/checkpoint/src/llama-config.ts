import { parseActivation } from './activation.ts';
import type { ConfigFields } from './config-fields.ts';
import { LIMITS } from './config-limits.ts';
import { layerWindows, slidingWindow, type WindowRules } from './layer-attention.ts';
import type { ArchitectureConfig } from './model-config.ts';
import { parseRope } from './rope.ts';

/** The families that differ from Llama in biases, norms of heads, or windows only. */
type LlamaLike = Exclude<ArchitectureConfig['architecture'], 'gpt2'>;

/** What a family's config class of Transformers (5.23) has where config.json lacks a key, and how the family differs. */
interface Family {
  readonly intermediateSize: number;
  readonly vocabSize: number;
  /** Null: as many as there are attention heads. */
  readonly keyValueHeads: number | null;
  /** Null: hidden_size / num_attention_heads. */
  readonly headDim: number | null;
  readonly context: number;
  readonly biases: (fields: ConfigFields) => ArchitectureConfig['biases'];
  readonly queryKeyNorm: boolean;
  readonly windows: (fields: ConfigFields) => WindowRules;
}

const NO_BIASES = { queryKeyValue: false, attentionOutput: false, feedForward: false };

function noWindow(fields: ConfigFields): WindowRules {
  // The family's own code knows no window, whatever its config says.
  const window = slidingWindow(fields, null);
  if (window !== null && window < contextOf(fields, 'llama')) throw fields.unsupported('sliding_window', 'null is');
  return { window: null, firstLayer: 0 };
}

/** Without `use_sliding_window` the window is none; lower layers, up to `max_window_layers`, see everything. */
function qwenWindows(fields: ConfigFields): WindowRules {
  const window = slidingWindow(fields, 4096);
  const firstLayer = fields.wholeNumber('max_window_layers', 0, LIMITS.positions, { whenMissing: 28 });
  return { window: fields.boolean('use_sliding_window', false) ? window : null, firstLayer };
}

function attentionBiases(fields: ConfigFields): ArchitectureConfig['biases'] {
  const attention = fields.boolean('attention_bias', false);
  return { ...NO_BIASES, queryKeyValue: attention, attentionOutput: attention };
}

const QWEN = {
  intermediateSize: 22016,
  vocabSize: 151936,
  keyValueHeads: 32,
  context: 32768,
  windows: qwenWindows,
};

const FAMILIES: Readonly<Record<LlamaLike, Family>> = {
  llama: {
    intermediateSize: 11008,
    vocabSize: 32000,
    keyValueHeads: null,
    headDim: null,
    context: 2048,
    biases: (fields) => ({ ...attentionBiases(fields), feedForward: fields.boolean('mlp_bias', false) }),
    queryKeyNorm: false,
    windows: noWindow,
  },
  mistral: {
    intermediateSize: 14336,
    vocabSize: 32000,
    keyValueHeads: 8,
    headDim: null,
    context: 131072,
    biases: (fields) => {
      fields.require('attention_bias', false);
      return NO_BIASES;
    },
    queryKeyNorm: false,
    windows: (fields) => ({ window: slidingWindow(fields, 4096), firstLayer: 0 }),
  },
  qwen2: {
    ...QWEN,
    headDim: null,
    biases: (fields) => {
      // It has biases on queries, keys and values whatever its config says.
      fields.value('attention_bias');
      return { ...NO_BIASES, queryKeyValue: true };
    },
    queryKeyNorm: false,
  },
  qwen3: { ...QWEN, headDim: 128, biases: attentionBiases, queryKeyNorm: true },
};

const contextOf = (fields: ConfigFields, architecture: LlamaLike): number =>
  fields.size('max_position_embeddings', LIMITS.positions, { whenMissing: FAMILIES[architecture].context });

/** Llama, Mistral, Qwen2 and Qwen3. What is not ours would silently change every logit, so it is refused by name. */
export function parseLlamaLike(fields: ConfigFields): ArchitectureConfig {
  const architecture = fields.string('model_type') as LlamaLike;
  const family = FAMILIES[architecture];
  const numLayers = fields.size('num_hidden_layers', LIMITS.layers, { whenMissing: 32 });
  const context = contextOf(fields, architecture);
  const heads = headsOf(fields, family);
  const windows = layerWindows(fields, { numLayers, context }, family.windows(fields));
  return {
    architecture,
    ...heads,
    intermediateSize: fields.size('intermediate_size', LIMITS.width, { whenMissing: family.intermediateSize }),
    activation: parseActivation(fields, 'hidden_act', 'silu'),
    numLayers,
    layers: windows.map((window) => ({ window, scale: 1 / Math.sqrt(heads.headDim) })),
    maxPositionEmbeddings: context,
    normEps: fields.positiveNumber('rms_norm_eps', 1e-6),
    ...parseRope(fields, context),
    biases: family.biases(fields),
    queryKeyNorm: family.queryKeyNorm,
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', false),
    vocabSize: fields.size('vocab_size', LIMITS.vocabulary, { whenMissing: family.vocabSize }),
  };
}

type Heads = Pick<ArchitectureConfig, 'hiddenSize' | 'numAttentionHeads' | 'numKeyValueHeads' | 'headDim'>;

function headsOf(fields: ConfigFields, family: Family): Heads {
  const hiddenSize = fields.size('hidden_size', LIMITS.width, { whenMissing: 4096 });
  const numAttentionHeads = fields.size('num_attention_heads', LIMITS.heads, { whenMissing: 32 });
  const numKeyValueHeads = fields.size('num_key_value_heads', LIMITS.heads, {
    whenMissing: family.keyValueHeads ?? numAttentionHeads,
    whenNull: numAttentionHeads,
  });
  const headDim = fields.size('head_dim', LIMITS.headDim, {
    whenMissing: family.headDim ?? Math.floor(hiddenSize / numAttentionHeads),
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
