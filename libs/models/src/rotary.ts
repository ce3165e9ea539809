/** Rotary position embedding: frequencies, their scaling for long contexts, and the tables of a chunk of positions. */
import type { ModelConfig, RopeScaling } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';

/** Cosines and sines `[batch | 1, 1, seq, headDim]`, both halves of the last axis alike. */
export interface RotaryTable {
  readonly cos: tf.Tensor4D;
  readonly sin: tf.Tensor4D;
}

/**
 * What keys and queries are turned with. The queries' table is divided by sqrt(headDim), which attention would otherwise
 * divide every score by: as a factor of the product, ONNX Runtime would fold it into one that is half as fast.
 */
export interface RotaryTables {
  readonly key: RotaryTable;
  readonly query: RotaryTable;
}

/** theta^(-2i / headDim) for i = 0 … headDim/2 - 1, rounded to fp32 as Transformers does, then scaled. */
export function inverseFrequencies({ headDim, ropeTheta, ropeScaling }: ModelConfig): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const exponent = Math.fround((2 * i) / headDim);
    return scaled(Math.fround(1 / Math.fround(ropeTheta ** exponent)), ropeScaling);
  });
}

function scaled(frequency: number, scaling: RopeScaling | null): number {
  if (!scaling) return frequency;
  if (scaling.type === 'linear') return frequency / scaling.factor;
  // Llama 3: long wavelengths are slowed down by the factor, short ones stay, and those between are blended.
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositionEmbeddings: original } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < original / highFreqFactor) return frequency;
  if (wavelength > original / lowFreqFactor) return frequency / factor;
  const smooth = (original / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** The tables for positions `[batch | 1, seq]` (int32). Computed in the graph, so that a long context costs no stored table. */
export function rotaryTables(config: ModelConfig, positions: tf.Tensor2D): RotaryTables {
  const [batch, length] = positions.shape;
  const frequencies = tf.tensor1d(inverseFrequencies(config));
  const angles = tf.mul(tf.reshape(tf.cast(positions, 'float32'), [batch, 1, length, 1]), frequencies);
  const both = tf.concat([angles, angles], 3);
  const key = { cos: tf.cos(both) as tf.Tensor4D, sin: tf.sin(both) as tf.Tensor4D };
  const scale = 1 / Math.sqrt(config.headDim);
  const query = { cos: tf.mul(key.cos, scale) as tf.Tensor4D, sin: tf.mul(key.sin, scale) as tf.Tensor4D };
  return { key, query };
}
