/** Weights of a new model. */
import { allocateWeights, llamaWeightShapes, type ModelConfig, type Weights } from '@hone/checkpoint';
import { Random } from '@hone/statistics';

/**
 * Standard deviation of a tensor's normal distribution, or undefined for norms, which start at 1. Matrices keep the size of
 * what they act on (hiddenSize^-½); those that write into the residual stream are smaller by (2 * layers)^½, one for each
 * write (GPT-2). The embedding is large, 0.5, where the head is a matrix of its own: small models then learn much faster.
 * Tied, it is also the head and must keep logits near 1.
 */
function deviation(name: string, config: ModelConfig): number | undefined {
  const keeping = config.hiddenSize ** -0.5;
  if (name.endsWith('norm.weight')) return undefined;
  if (name === 'model.embed_tokens.weight') return config.tieWordEmbeddings ? keeping : 0.5;
  const writes = name.endsWith('o_proj.weight') || name.endsWith('down_proj.weight');
  return writes ? keeping * (2 * config.numLayers) ** -0.5 : keeping;
}

/** Random weights of a new model, in canonical order from one stream of `Random(seed)`. */
export function initializeWeights(config: ModelConfig, seed: bigint): Weights {
  const weights = allocateWeights(llamaWeightShapes(config));
  const random = new Random(seed);
  for (const { name, offset, length } of weights.specs) {
    const values = weights.flat.subarray(offset, offset + length);
    const sigma = deviation(name, config);
    if (sigma === undefined) values.fill(1);
    else for (let i = 0; i < length; i++) values[i] = sigma * random.normal();
  }
  return weights;
}
