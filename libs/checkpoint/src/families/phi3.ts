import { slidingWindow } from '../config/layer-attention.ts';
import { parseRope } from '../config/rope.ts';
import { llamaLike, NO_BIASES } from '../family/llama-like.ts';

/** Phi-3 (arXiv 2404.14219) and Phi-4 (arXiv 2412.08905): query, key and value are one matrix, gate and up are another. */
export const phi3 = llamaLike({
  modelType: 'phi3',
  className: 'Phi3ForCausalLM',
  defaults: { hiddenSize: 3072, intermediateSize: 8192, vocabSize: 32064, context: 4096, normEps: 1e-5 },
  biases: (fields) => {
    fields.require('attention_bias', false);
    return NO_BIASES;
  },
  windows: (fields) => ({ window: slidingWindow(fields, null), isSliding: () => true, ignoresLayerTypes: true }),
  rope: (fields, context, headDim) => {
    // Names of old, by which Transformers means "longrope", too.
    const aliases = { su: 'longrope', yarn: 'longrope' };
    const rope = parseRope(fields, context, { headDim, originalContext: 4096, aliases });
    const { scaling } = rope;
    if (scaling && scaling.type !== 'longrope')
      throw fields.unsupported('rope_scaling', '"default" and "longrope" are');
    return { full: rope, sliding: rope };
  },
  decoder: { isFused: true },
  gguf: {
    architecture: 'phi3',
    turnsPart: true,
    settings: ({ metadata }) => ({
      // 0 is none.
      sliding_window: metadata.optionalNumber('phi3.attention.sliding_window') || null,
      original_max_position_embeddings:
        metadata.optionalNumber('phi3.rope.scaling.original_context_length') ?? undefined,
      attention_bias: undefined,
    }),
  },
});
