import type { ModelConfig } from './family.ts';
import { familyOf } from './registry.ts';
import type { WeightShape } from '../tensors/weights.ts';

/** Names, shapes and roles of a model's weights in Hone's canonical order, the embedding first. */
export const weightShapes = (config: ModelConfig): WeightShape[] => familyOf(config).weights(config);
