import { slidingWindow } from '../config/layer-attention.ts';
import { llamaLike, NO_BIASES } from '../family/llama-like.ts';

/** Mistral (Jiang et al., arXiv 2310.06825): all layers have the window unless `layer_types` says otherwise. */
export const mistral = llamaLike({
  modelType: 'mistral',
  className: 'MistralForCausalLM',
  defaults: { intermediateSize: 14336, keyValueHeads: 8, context: 131072 },
  biases: (fields) => {
    fields.require('attention_bias', false);
    return NO_BIASES;
  },
  windows: (fields) => ({ window: slidingWindow(fields, 4096), isSliding: () => true }),
  // llama.cpp knows them as Llama's.
  gguf: { architecture: 'llama', rotatesNeighbours: true },
});
