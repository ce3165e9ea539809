import type { OptimizerOptions } from '../types.ts';

/**
 * Learning rate of a step, counted from 1, by the formulas of Transformers' schedulers: a linear rise from 0 over the warm-up
 * (so that the first step of a warm-up has rate 0), then constant, linear to 0, or half a cosine to 0.
 */
export function learningRateAt(step: number, totalSteps: number, optimizer: OptimizerOptions): number {
  const { learningRate: peak, warmupSteps, schedule } = optimizer;
  const done = step - 1;
  if (done < warmupSteps) return (peak * done) / warmupSteps;
  if (schedule === 'constant') return peak;
  const decaySteps = Math.max(1, totalSteps - warmupSteps);
  if (schedule === 'linear') return (peak * Math.max(0, totalSteps - done)) / decaySteps;
  const progress = (done - warmupSteps) / decaySteps;
  return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}
