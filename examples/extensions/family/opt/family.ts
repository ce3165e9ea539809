/**
 * OPT (Zhang et al., arXiv 2205.01068), which is not built as Llama is: the example of docs/guides/family.md. This file says what its models
 * are, decoder.ts how they are computed.
 */
import {
  LIMITS,
  parseActivation,
  type ConfigFields,
  type FamilyConfig,
  type ModelConfig,
  type ModelFamily,
  type WeightRole,
  type WeightShape,
} from '@hone/checkpoint';

/** Rows of the table of positions in front of that of position 0. */
const OFFSET = 2;

/** The published models of 350 million weights, which differ in these, are refused. */
function requirePlain(fields: ConfigFields, hiddenSize: number): void {
  fields.require('do_layer_norm_before', true);
  fields.require('_remove_final_layer_norm', false);
  fields.require('word_embed_proj_dim', hiddenSize);
  fields.require('enable_bias', true);
  fields.require('layer_norm_elementwise_affine', true);
  // Of training alone.
  fields.value('layerdrop');
}

function parse(fields: ConfigFields): FamilyConfig {
  const hiddenSize = fields.size('hidden_size', LIMITS.width, { whenMissing: 768 });
  const numAttentionHeads = fields.size('num_attention_heads', LIMITS.heads, { whenMissing: 12 });
  const numLayers = fields.size('num_hidden_layers', LIMITS.layers, { whenMissing: 12 });
  const headDim = hiddenSize / numAttentionHeads;
  if (!Number.isInteger(headDim)) throw fields.wrong('num_attention_heads', `must divide hidden_size (${hiddenSize})`);
  requirePlain(fields, hiddenSize);
  const layer = { window: null, scale: 1 / Math.sqrt(headDim), rope: null };
  return {
    architecture: 'opt',
    hiddenSize,
    intermediateSize: fields.size('ffn_dim', LIMITS.width, { whenMissing: 3072 }),
    activation: parseActivation(fields, 'activation_function', 'relu'),
    numLayers,
    layers: Array.from({ length: numLayers }, () => layer),
    numAttentionHeads,
    numKeyValueHeads: numAttentionHeads,
    headDim,
    maxPositionEmbeddings: fields.size('max_position_embeddings', LIMITS.positions, { whenMissing: 2048 }),
    // Of PyTorch's LayerNorm: config.json has none.
    normEps: 1e-5,
    biases: { queryKeyValue: true, attentionOutput: true, feedForward: true },
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', true),
    vocabSize: fields.size('vocab_size', LIMITS.vocabulary, { whenMissing: 50272 }),
  };
}

const norm = (name: string, size: number): WeightShape[] => [
  { name: `${name}.weight`, shape: [size], role: 'norm' },
  { name: `${name}.bias`, shape: [size], role: 'bias' },
];

const projection = (name: string, shape: readonly [number, number], role: WeightRole): WeightShape[] => [
  { name: `${name}.weight`, shape, role },
  { name: `${name}.bias`, shape: [shape[0]], role: 'bias' },
];

function layerWeights({ hiddenSize, intermediateSize }: ModelConfig, layer: string): WeightShape[] {
  const reading = (name: string): WeightShape[] =>
    projection(`${layer}.self_attn.${name}`, [hiddenSize, hiddenSize], 'input-projection');
  return [
    ...norm(`${layer}.self_attn_layer_norm`, hiddenSize),
    ...['q_proj', 'k_proj', 'v_proj'].flatMap(reading),
    ...projection(`${layer}.self_attn.out_proj`, [hiddenSize, hiddenSize], 'output-projection'),
    ...norm(`${layer}.final_layer_norm`, hiddenSize),
    ...projection(`${layer}.fc1`, [intermediateSize, hiddenSize], 'input-projection'),
    ...projection(`${layer}.fc2`, [hiddenSize, intermediateSize], 'output-projection'),
  ];
}

function weights(config: ModelConfig): WeightShape[] {
  const { hiddenSize, vocabSize, numLayers, maxPositionEmbeddings } = config;
  const layers = Array.from({ length: numLayers }, (_, index) => layerWeights(config, `model.decoder.layers.${index}`));
  const head: WeightShape = { name: 'lm_head.weight', shape: [vocabSize, hiddenSize], role: 'head' };
  return [
    { name: 'model.decoder.embed_tokens.weight', shape: [vocabSize, hiddenSize], role: 'embedding' },
    {
      name: 'model.decoder.embed_positions.weight',
      shape: [maxPositionEmbeddings + OFFSET, hiddenSize],
      role: 'positions',
    },
    ...layers.flat(),
    ...norm('model.decoder.final_layer_norm', hiddenSize),
    ...(config.tieWordEmbeddings ? [] : [head]),
  ];
}

export const opt: ModelFamily = {
  modelType: 'opt',
  className: 'OPTForCausalLM',
  parse,
  sizes: ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'vocab_size'].map((name) => [name]),
  weights,
  basePrefix: 'model',
  layerPrefix: 'model.decoder.layers',
  computedTensors: /^$/,
  decoder: { kind: 'own', name: 'opt' },
  gguf: null,
};
