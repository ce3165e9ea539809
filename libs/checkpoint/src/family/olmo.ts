/** What OLMo 2 and 3 share: norms behind attention and feed-forward, and of all queries and all keys as one vector each. */
import { attentionBiases, type LlamaLike } from './llama-like.ts';

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
