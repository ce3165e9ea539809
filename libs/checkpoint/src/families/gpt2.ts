import { parseActivation } from '../config/activation.ts';
import type { ConfigFields } from '../config/config-fields.ts';
import { LIMITS } from '../config/config-limits.ts';
import type { GgufFile } from '../gguf/gguf-file.ts';
import type { WeightRole, WeightShape } from '../tensors/weights.ts';
import type { FamilyConfig, ModelConfig, ModelFamily } from '../family/family.ts';

/** Sizes that Transformers takes under their common names too, which then win. */
const [HIDDEN, HEADS, LAYERS, CONTEXT] = [
  ['hidden_size', 'n_embd'],
  ['num_attention_heads', 'n_head'],
  ['num_hidden_layers', 'n_layer'],
  ['max_position_embeddings', 'n_positions'],
] as const;

function parse(fields: ConfigFields): FamilyConfig {
  fields.require('add_cross_attention', false);
  // It changes the order of operations in 16 bits only.
  fields.value('reorder_and_upcast_attn');
  const hiddenSize = renamed(fields, HIDDEN, LIMITS.width, 768);
  const numAttentionHeads = renamed(fields, HEADS, LIMITS.heads, 12);
  const numLayers = renamed(fields, LAYERS, LIMITS.layers, 12);
  const headDim = hiddenSize / numAttentionHeads;
  if (!Number.isInteger(headDim)) {
    throw fields.wrong('n_head', `must divide n_embd (${hiddenSize})`, numAttentionHeads);
  }
  return {
    architecture: 'gpt2',
    hiddenSize,
    intermediateSize: fields.size('n_inner', LIMITS.width, { whenMissing: 4 * hiddenSize }),
    activation: parseActivation(fields, 'activation_function', 'gelu_new'),
    numLayers,
    layers: Array.from({ length: numLayers }, (_, layer) => ({
      window: null,
      scale: scaleOf(fields, layer, headDim),
      rope: null,
    })),
    numAttentionHeads,
    numKeyValueHeads: numAttentionHeads,
    headDim,
    maxPositionEmbeddings: renamed(fields, CONTEXT, LIMITS.positions, 1024),
    normEps: fields.positiveNumber('layer_norm_epsilon', 1e-5),
    biases: { queryKeyValue: true, attentionOutput: true, feedForward: true },
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', true),
    vocabSize: fields.size('vocab_size', LIMITS.vocabulary, { whenMissing: 50257 }),
  };
}

function renamed(
  fields: ConfigFields,
  [common, name]: readonly [string, string],
  most: number,
  whenMissing: number,
): number {
  const own = fields.size(name, most, { whenMissing });
  return fields.has(common) ? fields.size(common, most) : own;
}

function scaleOf(fields: ConfigFields, layer: number, headDim: number): number {
  const scale = fields.boolean('scale_attn_weights', true) ? 1 / Math.sqrt(headDim) : 1;
  return fields.boolean('scale_attn_by_inverse_layer_idx', false) ? scale / (layer + 1) : scale;
}

/** Projections are `[in, out]`, as GPT-2 stores them. A tied model has no `lm_head.weight`. */
function weights(config: ModelConfig): WeightShape[] {
  const { hiddenSize, vocabSize, numLayers, maxPositionEmbeddings } = config;
  const layers = Array.from({ length: numLayers }, (_, layer) => layerWeights(config, `transformer.h.${layer}`));
  const head: WeightShape = { name: 'lm_head.weight', shape: [vocabSize, hiddenSize], role: 'head' };
  return [
    { name: 'transformer.wte.weight', shape: [vocabSize, hiddenSize], role: 'embedding' },
    { name: 'transformer.wpe.weight', shape: [maxPositionEmbeddings, hiddenSize], role: 'positions' },
    ...layers.flat(),
    ...norm('transformer.ln_f', hiddenSize),
    ...(config.tieWordEmbeddings ? [] : [head]),
  ];
}

const norm = (name: string, size: number): WeightShape[] => [
  { name: `${name}.weight`, shape: [size], role: 'norm' },
  { name: `${name}.bias`, shape: [size], role: 'bias' },
];

const projection = (name: string, [input, output]: readonly [number, number], role: WeightRole): WeightShape[] => [
  { name: `${name}.weight`, shape: [input, output], role, isTransposed: true },
  { name: `${name}.bias`, shape: [output], role: 'bias' },
];

function layerWeights({ hiddenSize, intermediateSize }: ModelConfig, layer: string): WeightShape[] {
  return [
    ...norm(`${layer}.ln_1`, hiddenSize),
    ...projection(`${layer}.attn.c_attn`, [hiddenSize, 3 * hiddenSize], 'input-projection'),
    ...projection(`${layer}.attn.c_proj`, [hiddenSize, hiddenSize], 'output-projection'),
    ...norm(`${layer}.ln_2`, hiddenSize),
    ...projection(`${layer}.mlp.c_fc`, [hiddenSize, intermediateSize], 'input-projection'),
    ...projection(`${layer}.mlp.c_proj`, [intermediateSize, hiddenSize], 'output-projection'),
  ];
}

const metadata = ({ metadata }: GgufFile): Record<string, unknown> => ({
  n_embd: metadata.number('gpt2.embedding_length'),
  n_inner: metadata.number('gpt2.feed_forward_length'),
  n_layer: metadata.number('gpt2.block_count'),
  n_head: metadata.number('gpt2.attention.head_count'),
  n_positions: metadata.number('gpt2.context_length'),
  layer_norm_epsilon: metadata.number('gpt2.attention.layer_norm_epsilon'),
  activation_function: 'gelu_new',
});

/** GPT-2 (Radford et al. 2019): LayerNorm, learned positions, one head of keys and values a query head, biases everywhere. */
export const gpt2: ModelFamily = {
  modelType: 'gpt2',
  className: 'GPT2LMHeadModel',
  parse,
  sizes: [HIDDEN, LAYERS, HEADS, ['vocab_size']],
  weights,
  basePrefix: 'transformer',
  layerPrefix: 'transformer.h',
  computedTensors: /\.attn\.(masked_)?bias$/,
  decoder: { kind: 'own', name: 'gpt2' },
  gguf: {
    architecture: 'gpt2',
    config: metadata,
    names: {
      'transformer.wte': 'token_embd',
      'transformer.wpe': 'position_embd',
      'transformer.ln_f': 'output_norm',
      lm_head: 'output',
      ln_1: 'attn_norm',
      'attn.c_attn': 'attn_qkv',
      'attn.c_proj': 'attn_output',
      ln_2: 'ffn_norm',
      'mlp.c_fc': 'ffn_up',
      'mlp.c_proj': 'ffn_down',
    },
    rotatesNeighbours: false,
    normShift: 0,
  },
};
