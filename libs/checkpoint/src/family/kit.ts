/** What a model family is made of. */
export { parseActivation } from '../config/activation.ts';
export type { ConfigFields } from '../config/config-fields.ts';
export { LIMITS } from '../config/config-limits.ts';
export type { WeightRole, WeightShape } from '../tensors/weights.ts';
export type { FamilyConfig, ModelConfig, ModelFamily } from './family.ts';
export { attentionBiases, llamaLike, noWindow, NO_BIASES, type LlamaLike } from './llama-like.ts';
