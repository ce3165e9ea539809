/** What Qwen's dense families share. */
import type { ConfigFields } from '../config/config-fields.ts';
import { LIMITS } from '../config/config-limits.ts';
import { slidingWindow, type WindowRules } from '../config/layer-attention.ts';

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
