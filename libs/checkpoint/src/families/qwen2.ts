import { llamaLike, NO_BIASES } from '../family/llama-like.ts';
import { QWEN_DEFAULTS, qwenWindows } from '../family/qwen.ts';

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
