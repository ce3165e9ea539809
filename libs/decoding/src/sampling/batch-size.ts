import { elementCount, weightShapes, type ModelConfig } from '@hone/checkpoint';

/** Number of weights of a model, a tied head counted once. */
export function parameterCount(config: ModelConfig): number {
  return weightShapes(config).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/**
 * Rows that decode together. A small model's step is mostly overhead, so more rows are nearly free; a large one's is bound
 * by arithmetic from about 32 rows on.
 */
export function defaultRows(config: ModelConfig): number {
  const parameters = parameterCount(config);
  if (parameters < 5e6) return 128;
  return parameters < 5e7 ? 64 : 32;
}

/** Bytes of keys and values, all layers, of one position. */
export function cacheBytesPerPosition(config: ModelConfig): number {
  const { numLayers, numKeyValueHeads, headDim } = config;
  return 2 * numLayers * numKeyValueHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}
