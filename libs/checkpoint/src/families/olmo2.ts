import { attentionBiases, llamaLike, noWindow, type LlamaLike } from './llama-like.ts';

/** What OLMo 2 and 3 share: norms behind attention and feed-forward, and of all queries and all keys as one vector each. */
export const OLMO: Pick<LlamaLike, 'biases' | 'decoder'> & { readonly defaults: LlamaLike['defaults'] } = {
  defaults: { vocabSize: 50304, normEps: 1e-5 },
  biases: attentionBiases,
  decoder: {
    norms: {
      beforeAttention: null,
      afterAttention: 'post_attention_layernorm',
      beforeFeedForward: null,
      afterFeedForward: 'post_feedforward_layernorm',
    },
    queryKeyNorm: 'all heads',
  },
};

/** OLMo 2 (arXiv 2501.00656). */
export const olmo2 = llamaLike({
  ...OLMO,
  modelType: 'olmo2',
  className: 'Olmo2ForCausalLM',
  windows: noWindow,
  gguf: null,
});
