import { attentionBiases, llamaLike, noWindow } from '../family/llama-like.ts';

/** Llama (Touvron et al., arXiv 2302.13971 and 2307.09288). */
export const llama = llamaLike({
  modelType: 'llama',
  className: 'LlamaForCausalLM',
  defaults: {},
  biases: (fields) => ({ ...attentionBiases(fields), feedForward: fields.boolean('mlp_bias', false) }),
  windows: noWindow,
  gguf: {
    architecture: 'llama',
    rotatesNeighbours: true,
    settings: ({ tensors }) => ({ mlp_bias: tensors.has('blk.0.ffn_gate.bias') }),
  },
});
