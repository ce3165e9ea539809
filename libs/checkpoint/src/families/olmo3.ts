import { slidingWindow } from '../config/layer-attention.ts';
import { parseRopeByLayerType } from '../config/rope.ts';
import { llamaLike } from '../family/llama-like.ts';
import { OLMO } from '../family/olmo.ts';

/** OLMo 3: OLMo 2, but three layers of four have a window, whose rotary embedding is never scaled. */
export const olmo3 = llamaLike({
  ...OLMO,
  modelType: 'olmo3',
  className: 'Olmo3ForCausalLM',
  windows: (fields) => ({ window: slidingWindow(fields, 4096), isSliding: (layer) => (layer + 1) % 4 !== 0 }),
  // As in Transformers, `rope_theta` is of layers without a window.
  rope: (fields, context) =>
    parseRopeByLayerType(fields, context, {
      full: { key: 'rope_theta', whenMissing: 500_000 },
      sliding: { key: null, whenMissing: 500_000 },
    }),
  gguf: null,
});
