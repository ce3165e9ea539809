import type { ConfigFields } from './config-fields.ts';
import type { ArchitectureConfig } from './model-config.ts';

/** GPT-2 (Radford et al. 2019): LayerNorm, learned positions, one head of keys and values a query head, biases everywhere. */
export function parseGpt2(fields: ConfigFields): ArchitectureConfig {
  fields.require('activation_function', 'gelu_new', 'gelu_new');
  fields.require('scale_attn_weights', true, true);
  fields.require('scale_attn_by_inverse_layer_idx', false, false);
  fields.require('add_cross_attention', false, false);
  const hiddenSize = fields.positiveInteger('n_embd');
  const numAttentionHeads = fields.positiveInteger('n_head');
  return {
    architecture: 'gpt2',
    hiddenSize,
    intermediateSize: fields.positiveInteger('n_inner', 4 * hiddenSize),
    numLayers: fields.positiveInteger('n_layer'),
    numAttentionHeads,
    numKeyValueHeads: numAttentionHeads,
    headDim: hiddenSize / numAttentionHeads,
    maxPositionEmbeddings: fields.positiveInteger('n_positions', 1024),
    normEps: fields.positiveNumber('layer_norm_epsilon', 1e-5),
    ropeTheta: 10_000,
    ropeScaling: null,
    biases: { queryKeyValue: true, attentionOutput: true, feedForward: true },
    queryKeyNorm: false,
    slidingWindow: null,
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', true),
  };
}
