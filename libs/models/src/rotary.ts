/** Rotary position embedding: frequencies, their scaling for long contexts, and the tables of a chunk of positions. */
import type { ModelConfig, RopeScaling } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';

/** Cosines and sines `[batch | 1, 1, seq, headDim]`, both halves of the last axis alike. */
export interface RotaryTable {
  readonly cos: tf.Tensor4D;
  readonly sin: tf.Tensor4D;
}

/**
 * What keys and queries are turned with. The queries' table holds the factor that attention would otherwise multiply every
 * score by: as a factor of the product, ONNX Runtime would fold it into one that is half as fast.
 */
export interface RotaryTables {
  readonly key: RotaryTable;
  readonly query: RotaryTable;
}

/** theta^(-2i / headDim) for i = 0 … headDim/2 - 1, rounded to fp32 as Transformers does, then scaled. */
export function inverseFrequencies({ headDim, ropeTheta, ropeScaling }: ModelConfig): Float32Array {
  const plain = Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const exponent = Math.fround((2 * i) / headDim);
    return Math.fround(1 / Math.fround(ropeTheta ** exponent));
  });
  if (ropeScaling?.type === 'linear') return plain.map((frequency) => frequency / ropeScaling.factor);
  if (ropeScaling?.type === 'llama3') return plain.map((frequency) => slowedByLlama3(frequency, ropeScaling));
  if (ropeScaling?.type === 'yarn') return slowedByYarn(plain, ropeTheta, ropeScaling);
  return plain;
}

type Scaling<Type extends RopeScaling['type']> = Extract<RopeScaling, { type: Type }>;

/** Llama 3: long wavelengths are slowed down by the factor, short ones stay, and those between are blended. */
function slowedByLlama3(frequency: number, scaling: Scaling<'llama3'>): number {
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositionEmbeddings: original } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < original / highFreqFactor) return frequency;
  if (wavelength > original / lowFreqFactor) return frequency / factor;
  const smooth = (original / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** YaRN (Peng et al., arXiv 2309.00071, section 3.2): as Llama 3's, but blended along the dimensions, not the wavelengths. */
function slowedByYarn(plain: Float32Array, theta: number, scaling: Scaling<'yarn'>): Float32Array {
  const { factor, betaFast, betaSlow, originalMaxPositionEmbeddings: original, truncate } = scaling;
  const headDim = 2 * plain.length;
  // The dimension whose wave turns so often within the original context.
  const dimensionOf = (turns: number): number =>
    (headDim * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [fast, slow] = [dimensionOf(betaFast), dimensionOf(betaSlow)];
  const low = Math.max(0, truncate ? Math.floor(fast) : fast);
  const high = Math.min(headDim - 1, truncate ? Math.ceil(slow) : slow);
  const width = high === low ? 0.001 : high - low;
  return plain.map((frequency, i) => {
    const slowed = Math.min(1, Math.max(0, (i - low) / width));
    return slowed * (frequency / factor) + (1 - slowed) * frequency;
  });
}

/** The tables for positions `[batch | 1, seq]` (int32). Computed in the graph, so that a long context costs no stored table. */
export function rotaryTables(config: ModelConfig, positions: tf.Tensor2D): RotaryTables {
  const [batch, length] = positions.shape;
  const frequencies = tf.tensor1d(inverseFrequencies(config));
  const angles = tf.mul(tf.reshape(tf.cast(positions, 'float32'), [batch, 1, length, 1]), frequencies);
  const both = tf.concat([angles, angles], 3);
  const unit: RotaryTable = { cos: tf.cos(both) as tf.Tensor4D, sin: tf.sin(both) as tf.Tensor4D };
  const key = times(unit, config.ropeScaling?.type === 'yarn' ? config.ropeScaling.attentionFactor : 1);
  // All layers of a family with rotary embedding scale their scores alike.
  return { key, query: times(key, config.layers[0]!.scale) };
}

function times(table: RotaryTable, factor: number): RotaryTable {
  return factor === 1 ? table : { cos: tf.mul(table.cos, factor), sin: tf.mul(table.sin, factor) };
}
