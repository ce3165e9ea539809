import { gpt2WeightShapes } from './gpt2-shapes.ts';
import { llamaWeightShapes } from './llama-shapes.ts';
import type { ModelConfig } from './model-config.ts';
import type { WeightShape } from './weights.ts';

/** Names and shapes of a model's weights in Hone's canonical order, the embedding first. */
export function weightShapes(config: ModelConfig): WeightShape[] {
  return config.architecture === 'gpt2' ? gpt2WeightShapes(config) : llamaWeightShapes(config);
}
