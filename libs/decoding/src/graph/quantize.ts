/** 8-bit weights for sampling: about a quarter of the memory that a step reads, at the cost of exactness. */
import { isProjection, type ModelConfig, type Weights, type WeightSpec } from '@hone/checkpoint';
import { failedPrecondition } from '@hone/errors';
import type { QuantizedLocation } from '@hone/tfjs-onnx';

/** Name under which the quantised bytes are handed to the session. */
export const QUANTIZED_LOCATION = 'quantized';

/** Numbers that share a scale. */
const BLOCK = 32;
/** What stands for 0. */
const ZERO = 128;
const ALIGNMENT = 64;

/** Matrices that products are made with, as they are stored for those: `[out, in]`. */
function isProduct(spec: WeightSpec, { tieWordEmbeddings }: ModelConfig): boolean {
  return isProjection(spec) || spec.role === 'head' || (tieWordEmbeddings && spec.role === 'embedding');
}

/**
 * Rows of a matrix in blocks of 32, each number a multiple of its block's scale: value = scale * (byte - 128). The number that is
 * largest in its block is hit exactly, by -128.
 */
export function quantizeMatrix(
  matrix: Float32Array,
  [rows, columns]: readonly [number, number],
  values: Uint8Array,
  scales: Float32Array,
): void {
  const blocks = Math.ceil(columns / BLOCK);
  values.fill(ZERO);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const begin = row * columns + block * BLOCK;
      const end = Math.min(begin + BLOCK, (row + 1) * columns);
      let extreme = 0;
      for (let i = begin; i < end; i++) if (Math.abs(matrix[i]!) > Math.abs(extreme)) extreme = matrix[i]!;
      const scale = Math.fround(extreme / -ZERO);
      scales[row * blocks + block] = scale;
      if (scale === 0) continue;
      const to = (row * blocks + block) * BLOCK;
      for (let i = begin; i < end; i++)
        values[to + i - begin] = Math.max(0, Math.min(255, Math.round(matrix[i]! / scale) + ZERO));
    }
  }
}

export interface QuantizedWeights {
  readonly bytes: Uint8Array;
  readonly locations: Readonly<Record<string, QuantizedLocation>>;
}

/** The 8-bit form of all projections of a model. */
export function quantizeWeights(weights: Weights, config: ModelConfig): QuantizedWeights {
  if (!weights.specs.some(isProjection)) {
    throw failedPrecondition(
      'NO_INT8_FORM',
      `models of kind "${config.architecture}" cannot be sampled with 8-bit weights`,
    );
  }
  const matrices = weights.specs.filter((spec) => isProduct(spec, config));
  const locations: Record<string, QuantizedLocation> = {};
  let size = 0;
  const reserve = (length: number) => {
    const offset = size;
    size += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    return { location: QUANTIZED_LOCATION, offset, length };
  };
  for (const { name, shape } of matrices) {
    const blocks = shape[0]! * Math.ceil(shape[1]! / BLOCK);
    const scaleBytes = blocks * Float32Array.BYTES_PER_ELEMENT;
    locations[name] = { values: reserve(blocks * BLOCK), scales: reserve(scaleBytes), blockSize: BLOCK };
  }
  const bytes = new Uint8Array(size);
  for (const { name, shape, offset, length } of matrices) {
    const { values, scales } = locations[name]!;
    quantizeMatrix(
      weights.flat.subarray(offset, offset + length),
      shape as readonly [number, number],
      bytes.subarray(values.offset, values.offset + values.length),
      new Float32Array(bytes.buffer, scales.offset, scales.length / Float32Array.BYTES_PER_ELEMENT),
    );
  }
  return { bytes, locations };
}
