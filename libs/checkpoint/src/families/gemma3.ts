import type { ConfigFields } from '../config/config-fields.ts';
import { LIMITS } from '../config/config-limits.ts';
import type { GgufFile } from '../gguf/gguf-file.ts';
import { slidingWindow, type WindowRules } from '../config/layer-attention.ts';
import { parseRopeByLayerType } from '../config/rope.ts';
import { attentionBiases, llamaLike } from '../family/llama-like.ts';

/** Every sixth layer sees everything, unless the config says otherwise. */
function windows(fields: ConfigFields): WindowRules {
  const period = fields.size('sliding_window_pattern', LIMITS.layers, { whenMissing: 6 });
  // A note of some writers, which have `layer_types` beside it.
  fields.value('_sliding_window_pattern');
  const window = slidingWindow(fields, 4096);
  if (window === null) throw fields.wrong('sliding_window', 'must be a number of tokens');
  return { window, isSliding: (layer) => (layer + 1) % period !== 0 };
}

/** Numbers of layers of the model of 27 billion weights, whose scores llama.cpp scales otherwise. */
const LAYERS_OF_27B = 62;

function ggufSettings({ metadata }: GgufFile): Record<string, unknown> {
  const key = (name: string): string => `gemma3.${name}`;
  const window = metadata.optionalNumber(key('attention.sliding_window'));
  const heads = metadata.number(key('attention.head_count'));
  const headDim = metadata.number(key('attention.key_length'));
  const is27B = metadata.number(key('block_count')) === LAYERS_OF_27B;
  return {
    hidden_act: undefined,
    hidden_activation: 'gelu_pytorch_tanh',
    query_pre_attn_scalar: is27B ? Math.floor(metadata.number(key('embedding_length')) / heads) : headDim,
    // Without a window every layer sees everything.
    sliding_window: window ?? metadata.number(key('context_length')),
    sliding_window_pattern:
      window === null ? 1 : (metadata.optionalNumber(key('attention.sliding_window_pattern')) ?? 6),
    rope_local_base_freq: metadata.optionalNumber(key('rope.freq_base_swa')) ?? 10_000,
  };
}

/**
 * Gemma 3 (arXiv 2503.19786), of its text models: norms before and behind attention and feed-forward, all of them offset, of each
 * head's query and key too; windows with a rotary base of their own; scaled embeddings.
 */
export const gemma3 = llamaLike({
  modelType: 'gemma3_text',
  className: 'Gemma3ForCausalLM',
  defaults: {
    hiddenSize: 2304,
    intermediateSize: 9216,
    numLayers: 26,
    vocabSize: 262_208,
    attentionHeads: 8,
    keyValueHeads: 4,
    headDim: 256,
    context: 131_072,
    tiesEmbeddings: true,
  },
  activation: ['hidden_activation', 'gelu_pytorch_tanh'],
  biases: attentionBiases,
  windows,
  rope: (fields, context) =>
    parseRopeByLayerType(fields, context, {
      full: { key: 'rope_theta', whenMissing: 1_000_000 },
      sliding: { key: 'rope_local_base_freq', whenMissing: 10_000 },
    }),
  scale: (fields) => fields.positiveNumber('query_pre_attn_scalar', 256) ** -0.5,
  decoder: {
    norms: {
      beforeAttention: 'input_layernorm',
      afterAttention: 'post_attention_layernorm',
      beforeFeedForward: 'pre_feedforward_layernorm',
      afterFeedForward: 'post_feedforward_layernorm',
    },
    queryKeyNorm: 'each head',
    normOffset: 1,
    scalesEmbedding: true,
  },
  gguf: { architecture: 'gemma3', settings: ggufSettings },
});
