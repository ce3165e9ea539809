import { llamaLike, noWindow } from '../family/llama-like.ts';
import { OLMO } from '../family/olmo.ts';

/** OLMo 2 (arXiv 2501.00656). */
export const olmo2 = llamaLike({
  ...OLMO,
  modelType: 'olmo2',
  className: 'Olmo2ForCausalLM',
  windows: noWindow,
  gguf: { architecture: 'olmo2' },
});
