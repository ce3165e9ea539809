import { attentionBiases, llamaLike } from '../family/llama-like.ts';
import { QWEN_DEFAULTS, qwenWindows } from '../family/qwen.ts';

/** Qwen3 (arXiv 2505.09388): each head's query and key is normalised, and heads are of 128 where nothing else is said. */
export const qwen3 = llamaLike({
  modelType: 'qwen3',
  className: 'Qwen3ForCausalLM',
  defaults: { ...QWEN_DEFAULTS, headDim: 128 },
  biases: attentionBiases,
  windows: qwenWindows,
  decoder: { queryKeyNorm: 'each head' },
  gguf: { architecture: 'qwen3' },
});
