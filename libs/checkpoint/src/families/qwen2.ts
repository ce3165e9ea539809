import type { ConfigFields } from '../config/config-fields.ts';
import { LIMITS } from '../config/config-limits.ts';
import { slidingWindow, type WindowRules } from '../config/layer-attention.ts';
import { llamaLike, NO_BIASES } from './llama-like.ts';

/** Without `use_sliding_window` the window is none; lower layers, up to `max_window_layers`, see everything. */
export function qwenWindows(fields: ConfigFields): WindowRules {
  const window = slidingWindow(fields, 4096);
  const firstLayer = fields.wholeNumber('max_window_layers', 0, LIMITS.positions, { whenMissing: 28 });
  return {
    window: fields.boolean('use_sliding_window', false) ? window : null,
    isSliding: (layer) => layer >= firstLayer,
  };
}

export const QWEN_DEFAULTS = { intermediateSize: 22016, vocabSize: 151936, keyValueHeads: 32, context: 32768 };

/** Qwen2 and Qwen2.5 (arXiv 2407.10671): biases on queries, keys and values. */
export const qwen2 = llamaLike({
  modelType: 'qwen2',
  className: 'Qwen2ForCausalLM',
  defaults: QWEN_DEFAULTS,
  biases: (fields) => {
    // It has them whatever its config says.
    fields.value('attention_bias');
    return { ...NO_BIASES, queryKeyValue: true };
  },
  windows: qwenWindows,
  gguf: { architecture: 'qwen2' },
});
