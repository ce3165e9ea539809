import { internal, invalidArgument } from '@hone/errors';

/** Where one tensor lies in the flat buffer; offset and length are counted in elements. */
export interface WeightSpec extends WeightShape {
  readonly offset: number;
  readonly length: number;
}

/**
 * All weights of a model as fp32 in one flat buffer, so that an optimiser walks it in one loop and a worker shares it
 * without a copy. Tensors are views, by their Hugging Face names; linear weights are `[out, in]`.
 */
export interface Weights {
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly flat: Float32Array;
  readonly specs: readonly WeightSpec[];
}

/**
 * What a weight is to its model. Input projections read what a layer computes with, output projections write into the residual
 * stream. An offset norm multiplies by 1 more than it holds.
 */
export type WeightRole =
  'embedding' | 'positions' | 'head' | 'input-projection' | 'output-projection' | 'norm' | 'offset-norm' | 'bias';

/** A tensor's name and shape, before it has an offset. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of a model's own weights; an adapter's have none. */
  readonly role?: WeightRole;
  /** Whether a projection is stored `[in, out]`, and not as usual `[out, in]`. */
  readonly isTransposed?: boolean;
}

/** Whether a weight is the matrix of a projection, stored `[out, in]`: those have adapters and an 8-bit form. */
export const isProjection = ({ role, isTransposed }: WeightShape): boolean =>
  (role === 'input-projection' || role === 'output-projection') && isTransposed !== true;

/** Makes a buffer of zeros with room for every tensor, in the given order and without gaps. */
export function allocateWeights(shapes: readonly WeightShape[], options: { shared?: boolean } = {}): Weights {
  const specs: WeightSpec[] = [];
  let offset = 0;
  for (const shape of shapes) {
    const length = elementCount(shape.shape);
    specs.push({ ...shape, offset, length });
    offset += length;
  }
  const bytes = offset * Float32Array.BYTES_PER_ELEMENT;
  const buffer = options.shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return { buffer, flat: new Float32Array(buffer), specs };
}

/** The values of one tensor: a view, not a copy. */
export function weightView(weights: Weights, name: string): Float32Array {
  const spec = weights.specs.find((candidate) => candidate.name === name);
  if (!spec) throw internal(`no weight is named ${name}`);
  return weights.flat.subarray(spec.offset, spec.offset + spec.length);
}

/** Number of elements of a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Index of the first NaN or infinity, or -1: a checkpoint that holds one can only spread it. */
export function firstNonFinite(values: Float32Array): number {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value - value !== 0) return index;
  }
  return -1;
}

/** Refuses weights that would not survive a forward pass. */
export function requireFinite(weights: Weights): void {
  for (const spec of weights.specs) {
    const at = firstNonFinite(weights.flat.subarray(spec.offset, spec.offset + spec.length));
    if (at >= 0) throw invalidArgument(`weights ${spec.name}`, `element ${at} is not a finite number`);
  }
}
