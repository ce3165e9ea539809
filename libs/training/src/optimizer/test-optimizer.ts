/** The optimiser of the golden trainings. */
import type { OptimizerOptions } from '../types.ts';

export const GOLDEN_OPTIMIZER: OptimizerOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
  warmupSteps: 0,
  schedule: 'constant',
};
