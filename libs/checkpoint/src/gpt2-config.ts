import { parseActivation } from './activation.ts';
import type { ConfigFields } from './config-fields.ts';
import { LIMITS } from './config-limits.ts';
import type { ArchitectureConfig } from './model-config.ts';

/** GPT-2 (Radford et al. 2019): LayerNorm, learned positions, one head of keys and values a query head, biases everywhere. */
export function parseGpt2(fields: ConfigFields): ArchitectureConfig {
  fields.require('add_cross_attention', false);
  // It changes the order of operations in 16 bits only.
  fields.value('reorder_and_upcast_attn');
  const hiddenSize = renamed(fields, 'hidden_size', 'n_embd', LIMITS.width, 768);
  const numAttentionHeads = renamed(fields, 'num_attention_heads', 'n_head', LIMITS.heads, 12);
  const numLayers = renamed(fields, 'num_hidden_layers', 'n_layer', LIMITS.layers, 12);
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
    layers: Array.from({ length: numLayers }, (_, layer) => ({ window: null, scale: scaleOf(fields, layer, headDim) })),
    numAttentionHeads,
    numKeyValueHeads: numAttentionHeads,
    headDim,
    maxPositionEmbeddings: renamed(fields, 'max_position_embeddings', 'n_positions', LIMITS.positions, 1024),
    normEps: fields.positiveNumber('layer_norm_epsilon', 1e-5),
    ropeTheta: 10_000,
    ropeScaling: null,
    biases: { queryKeyValue: true, attentionOutput: true, feedForward: true },
    queryKeyNorm: false,
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', true),
    vocabSize: fields.size('vocab_size', LIMITS.vocabulary, { whenMissing: 50257 }),
  };
}

/** A size that Transformers takes under its common name too, which then wins. */
function renamed(fields: ConfigFields, common: string, name: string, most: number, whenMissing: number): number {
  const own = fields.size(name, most, { whenMissing });
  return fields.has(common) ? fields.size(common, most) : own;
}

function scaleOf(fields: ConfigFields, layer: number, headDim: number): number {
  const scale = fields.boolean('scale_attn_weights', true) ? 1 / Math.sqrt(headDim) : 1;
  return fields.boolean('scale_attn_by_inverse_layer_idx', false) ? scale / (layer + 1) : scale;
}
