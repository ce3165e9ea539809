import type { ModelConfig } from './families/family.ts';
import { familyOf } from './families/registry.ts';
import type { WeightShape } from './weights.ts';

/** Names, shapes and roles of a model's weights in Hone's canonical order, the embedding first. */
export const weightShapes = (config: ModelConfig): WeightShape[] => familyOf(config).weights(config);
