/**
 * Low-rank adapters (LoRA, Hu et al., arXiv 2106.09685): the weights stay as they are, and to some of them alpha / rank * B A is
 * added, of which A `[rank, in]` and B `[out, rank]` are trained. Names are those that PEFT stores.
 */
import { allocateWeights, isProjection, weightView, type Weights, type WeightSpec } from '@hone/checkpoint';
import { invalidArgument } from '@hone/errors';
import { Random } from '@hone/statistics';

export interface LoraOptions {
  /** At least 1. */
  readonly rank: number;
  /** The update is scaled by alpha / rank. */
  readonly alpha: number;
  /** Modules by the last part of their names, e.g. "q_proj"; none means all projections of attention and feed-forward. */
  readonly targetModules: readonly string[];
}

/** An adapter of a model. */
export interface LoraAdapter {
  readonly rank: number;
  readonly alpha: number;
  /** A and B of every module that is adapted. */
  readonly weights: Weights;
}

/** The names under which PEFT stores A and B of a weight. */
export function loraNames(weight: string): { readonly down: string; readonly up: string } {
  const module = `base_model.model.${weight.replace(/\.weight$/, '')}`;
  return { down: `${module}.lora_A.weight`, up: `${module}.lora_B.weight` };
}

const moduleOf = (weight: string): string => weight.split('.').at(-2) ?? '';

function targets({ specs }: Pick<Weights, 'specs'>, { targetModules }: LoraOptions): WeightSpec[] {
  const projections = specs.filter(isProjection);
  const isMeant = ({ name }: WeightSpec): boolean =>
    targetModules.length === 0 || targetModules.includes(moduleOf(name));
  const found = projections.filter(isMeant);
  const missing = targetModules.filter((module) => !found.some(({ name }) => moduleOf(name) === module));
  if (missing.length > 0 || found.length === 0) {
    const known = [...new Set(projections.map(({ name }) => moduleOf(name)))].join(', ');
    throw invalidArgument('lora.target_modules', `must be linear modules of the model (${known || 'none'})`);
  }
  return found;
}

/** A new adapter that changes nothing yet, as PEFT starts one: A uniform within ±1 / sqrt(in), B zero. */
export function initializeAdapter(weights: Pick<Weights, 'specs'>, options: LoraOptions, seed: bigint): LoraAdapter {
  const { rank, alpha } = options;
  const shapes = targets(weights, options).flatMap(({ name, shape }) => {
    const [out, width] = shape as readonly [number, number];
    const { down, up } = loraNames(name);
    return [
      { name: down, shape: [rank, width] },
      { name: up, shape: [out, rank] },
    ];
  });
  const adapter = allocateWeights(shapes);
  const random = new Random(seed);
  for (const { name, shape } of adapter.specs) {
    if (!name.endsWith('lora_A.weight')) continue;
    const limit = shape[1]! ** -0.5;
    const values = weightView(adapter, name);
    for (let i = 0; i < values.length; i++) values[i] = limit * (2 * random.uniform() - 1);
  }
  return { rank, alpha, weights: adapter };
}

/** Adds an adapter to the weights it belongs to, in place. */
export function mergeAdapter(weights: Weights, { rank, alpha, weights: adapter }: LoraAdapter): void {
  const known = new Set(adapter.specs.map(({ name }) => name));
  for (const { name, shape } of weights.specs) {
    const { down, up } = loraNames(name);
    if (!known.has(down)) continue;
    const [out, width] = shape as readonly [number, number];
    const [a, b, target] = [weightView(adapter, down), weightView(adapter, up), weightView(weights, name)];
    const sums = new Float64Array(width);
    for (let row = 0; row < out; row++) {
      sums.fill(0);
      for (let r = 0; r < rank; r++) {
        const factor = b[row * rank + r]!;
        for (let column = 0; column < width; column++) sums[column]! += factor * a[r * width + column]!;
      }
      for (let column = 0; column < width; column++) target[row * width + column]! += (alpha / rank) * sums[column]!;
    }
  }
}
