/** AdamW over flat buffers, in place. */
import type { Weights, WeightSpec } from '@hone/checkpoint';
import type { TrainingState } from '../training-state.ts';
import type { OptimizerOptions } from '../types.ts';

/** Whether weight decay acts on a tensor: matrices, the embedding included; not norms and biases, as in Transformers. */
export function decays({ name, shape }: Pick<WeightSpec, 'name' | 'shape'>): boolean {
  return shape.length > 1 && !/norm|bias/.test(name);
}

/** Euclidean norm of all gradients together. */
export function gradientNorm(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) sum += gradients[i]! * gradients[i]!;
  return Math.sqrt(sum);
}

/** Factor that brings gradients of this norm down to the largest allowed one; PyTorch's, with its 1e-6. */
export function clipFactor(norm: number, maxGradNorm: number): number {
  return maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + 1e-6)) : 1;
}

/** Decoupled weight decay (Loshchilov & Hutter, arXiv 1711.05101, algorithm 2), with PyTorch's order of operations. */
export class AdamW {
  private readonly firstMoments: Float32Array;
  private readonly secondMoments: Float32Array;
  private steps = 0;

  constructor(
    private readonly weights: Weights,
    private readonly options: OptimizerOptions,
  ) {
    this.firstMoments = new Float32Array(weights.flat.length);
    this.secondMoments = new Float32Array(weights.flat.length);
  }

  /** What the next step starts from, as views. */
  get state(): TrainingState {
    const { weights, firstMoments, secondMoments, steps } = this;
    return { step: steps, weights: weights.flat, firstMoment: firstMoments, secondMoment: secondMoments };
  }

  /** Goes on from a state: the weights become its weights. */
  resume(state: TrainingState): void {
    this.steps = state.step;
    this.weights.flat.set(state.weights);
    this.firstMoments.set(state.firstMoment);
    this.secondMoments.set(state.secondMoment);
  }

  /** One step at a learning rate, with gradients that are scaled by `factor`. */
  update(gradients: Float32Array, rate: number, factor: number): void {
    this.steps += 1;
    for (const spec of this.weights.specs) {
      const keep = decays(spec) ? 1 - rate * this.options.weightDecay : 1;
      this.updateTensor(gradients, spec.offset, spec.offset + spec.length, { factor, rate, keep });
    }
  }

  private updateTensor(
    gradients: Float32Array,
    begin: number,
    end: number,
    { factor, rate, keep }: { factor: number; rate: number; keep: number },
  ): void {
    const { beta1, beta2, epsilon } = this.options;
    const { firstMoments, secondMoments } = this;
    const { flat } = this.weights;
    const stepSize = rate / (1 - beta1 ** this.steps);
    const secondScale = 1 / Math.sqrt(1 - beta2 ** this.steps);
    for (let i = begin; i < end; i++) {
      const gradient = gradients[i]! * factor;
      const first = beta1 * firstMoments[i]! + (1 - beta1) * gradient;
      const second = beta2 * secondMoments[i]! + (1 - beta2) * gradient * gradient;
      firstMoments[i] = first;
      secondMoments[i] = second;
      flat[i] = flat[i]! * keep - (stepSize * first) / (Math.sqrt(second) * secondScale + epsilon);
    }
  }
}
