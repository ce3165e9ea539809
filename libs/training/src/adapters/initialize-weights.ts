/** Weights of a new model. */
import {
  allocateWeights,
  elementCount,
  weightShapes,
  type ModelConfig,
  type Weights,
  type WeightShape,
} from '@hone/checkpoint';
import { invalidArgument } from '@hone/errors';
import { Random } from '@hone/statistics';

/**
 * Standard deviation of a matrix's normal distribution. Matrices keep the size of what they act on (hiddenSize^-½); those that
 * write into the residual stream are smaller by (2 * layers)^½, one for each write (GPT-2). The embedding is large, 0.5, where
 * the head is a matrix of its own: small models then learn much faster. Tied, it is also the head and must keep logits near 1.
 */
function deviation({ role }: WeightShape, config: ModelConfig): number {
  const keeping = config.hiddenSize ** -0.5;
  if (role === 'embedding') return config.tieWordEmbeddings ? keeping : 0.5;
  return role === 'output-projection' ? keeping * (2 * config.numLayers) ** -0.5 : keeping;
}

/** Of a new model: 4 GB in fp32. What is larger is not trained from scratch here. */
const MOST_PARAMETERS = 1e9;

/** Random weights of a new model, in canonical order from one stream of `Random(seed)`. */
export function initializeWeights(config: ModelConfig, seed: bigint): Weights {
  const shapes = weightShapes(config);
  const parameters = shapes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (parameters > MOST_PARAMETERS) {
    throw invalidArgument(
      'config_json',
      `states ${parameters} parameters, and a new model has at most ${MOST_PARAMETERS}`,
    );
  }
  const weights = allocateWeights(shapes);
  const random = new Random(seed);
  for (const spec of weights.specs) {
    const { role, shape, offset, length } = spec;
    const values = weights.flat.subarray(offset, offset + length);
    // Norms multiply by 1 at the start, biases are 0.
    if (shape.length === 1) values.fill(role === 'norm' ? 1 : 0);
    else {
      const sigma = deviation(spec, config);
      for (let i = 0; i < length; i++) values[i] = sigma * random.normal();
    }
  }
  return weights;
}
