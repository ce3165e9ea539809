/** Rotary position embedding: frequencies, their scaling for long contexts, and the tables of a chunk of positions. */
import type { ModelConfig, Rope, RopeScaling } from '@hone/checkpoint';
import { internal } from '@hone/errors';
import { rope, tf } from '@hone/tfjs-onnx';

/** Cosines and sines `[batch | 1, 1, seq, dims]` of the dimensions that are turned, both halves of the last axis alike. */
export interface RotaryTable {
  readonly cos: tf.Tensor4D;
  readonly sin: tf.Tensor4D;
  /** What the numbers of a head that are not turned are multiplied by. */
  readonly rest: number;
}

/**
 * What keys and queries are turned with. The queries' table holds the factor that attention would otherwise multiply every
 * score by: as a factor of the product, ONNX Runtime would fold it into one that is half as fast.
 */
export interface RotaryTables {
  readonly key: RotaryTable;
  readonly query: RotaryTable;
}

/** theta^(-2i / dims) for i = 0 … dims/2 - 1 of the dimensions that are turned, rounded to fp32 as Transformers does, then scaled. */
export function inverseFrequencies(dims: number, { theta, scaling }: Rope): Float32Array {
  const plain = Float32Array.from({ length: dims / 2 }, (_, i) => {
    const exponent = Math.fround((2 * i) / dims);
    return Math.fround(1 / Math.fround(theta ** exponent));
  });
  if (scaling?.type === 'linear') return plain.map((frequency) => frequency / scaling.factor);
  if (scaling?.type === 'llama3') return plain.map((frequency) => slowedByLlama3(frequency, scaling));
  if (scaling?.type === 'yarn') return slowedByYarn(plain, theta, scaling);
  if (scaling?.type === 'longrope') return plain.map((frequency, i) => frequency / scaling.shortFactors[i]!);
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

/** Each layer's tables for positions `[batch | 1, seq]` (int32); layers that rotate alike share theirs. */
export function rotaryTables(config: ModelConfig, positions: tf.Tensor2D): RotaryTables[] {
  const made = new Map<string, RotaryTables>();
  return config.layers.map(({ rope, scale }) => {
    if (rope === null) throw internal(`a layer of ${config.architecture} has no rotary embedding`);
    const key = JSON.stringify([rope, scale]);
    const tables = made.get(key) ?? tablesOf(rope, { headDim: config.headDim, scale }, positions);
    made.set(key, tables);
    return tables;
  });
}

/** Computed in the graph, so that a long context costs no stored table. */
function tablesOf(
  rotation: Rope,
  { headDim, scale }: { headDim: number; scale: number },
  positions: tf.Tensor2D,
): RotaryTables {
  const [batch, length] = positions.shape;
  const frequencies = tf.tensor1d(inverseFrequencies(rotation.turnedDims ?? headDim, rotation));
  const angles = tf.mul(tf.reshape(tf.cast(positions, 'float32'), [batch, 1, length, 1]), frequencies);
  const both = tf.concat([angles, angles], 3);
  const unit: RotaryTable = { cos: tf.cos(both) as tf.Tensor4D, sin: tf.sin(both) as tf.Tensor4D, rest: 1 };
  const isTempered = rotation.scaling?.type === 'yarn' || rotation.scaling?.type === 'longrope';
  const key = times(unit, isTempered ? rotation.scaling.attentionFactor : 1);
  return { key, query: { ...times(key, scale), rest: scale } };
}

function times(table: RotaryTable, factor: number): RotaryTable {
  return factor === 1 ? table : { ...table, cos: tf.mul(table.cos, factor), sin: tf.mul(table.sin, factor) };
}

/** Heads `[batch, heads, seq, headDim]`, their first numbers turned by the table, the rest as it says. */
export function turn(heads: tf.Tensor4D, { cos, sin, rest }: RotaryTable): tf.Tensor4D {
  const [turned, all] = [cos.shape[3], heads.shape[3]];
  if (turned === all) return rope(heads, cos, sin);
  const [first, behind] = tf.split(heads, [turned, all - turned], 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([rope(first, cos, sin), rest === 1 ? behind : tf.mul(behind, rest)], 3) as tf.Tensor4D;
}
