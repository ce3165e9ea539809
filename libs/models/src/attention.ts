/** The two ways in which attention finds its keys and values: in the sequence itself, or also in a cache. */
import type { ModelConfig } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';
import type { Attention } from './llama.ts';

/** Added to the score of a position that may not be seen; its exp is exactly 0 in fp32. */
export const MASKED = -1e9;

/**
 * Grouped-query attention (arXiv 2305.13245): the query heads that share a key head are rows of one matrix product.
 * `[batch, heads, seq, headDim]` -> `[batch, kvHeads, group * seq, headDim]`.
 */
function groupedQuery({ numKeyValueHeads, headDim }: ModelConfig, query: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, length] = query.shape;
  return tf.reshape(query, [batch, numKeyValueHeads, (heads / numKeyValueHeads) * length, headDim]) as tf.Tensor4D;
}

/** Scores of a chunk with itself, `[batch, kvHeads, group * seq, seq]`, with a mask `[seq, seq]` added for each head. */
function maskedScores(
  { numAttentionHeads, numKeyValueHeads }: ModelConfig,
  grouped: tf.Tensor4D,
  transposedKey: tf.Tensor4D,
  mask: tf.Tensor2D,
): tf.Tensor4D {
  const [batch, , , length] = transposedKey.shape;
  const group = numAttentionHeads / numKeyValueHeads;
  const scores = tf.reshape(tf.matMul(grouped, transposedKey), [batch, numKeyValueHeads, group, length, length]);
  return tf.reshape(tf.add(scores, mask), [batch, numKeyValueHeads, group * length, length]) as tf.Tensor4D;
}

/** Attention within the sequences themselves, for training. `mask [seq, seq]` is added to scores. */
export function causalAttention(config: ModelConfig, mask: tf.Tensor2D): Attention {
  return (_layer, query, key, value) => {
    const transposedKey = tf.transpose(key, [0, 1, 3, 2]);
    const scores = maskedScores(config, groupedQuery(config, query), transposedKey, mask);
    return tf.reshape(tf.matMul(tf.softmax(scores), value), query.shape) as tf.Tensor4D;
  };
}

/** A layer's cache as it is fed: everything that the sequences of the batch hold before the chunk. */
export interface PastTensors {
  /** `[batch, kvHeads, headDim, past]`: transposed, so that a score is a plain product. */
  readonly key: tf.Tensor4D;
  /** `[batch, kvHeads, past, headDim]`. */
  readonly value: tf.Tensor4D;
}

/** The keys and values of the chunk, in the cache's layouts, for the host to append. */
export type ChunkTensors = PastTensors;

/**
 * Attention over a cache and the chunk itself. The cache is an input only: what a step adds to it comes out apart, so that no
 * run copies the cache.
 */
export function cachedAttention(
  config: ModelConfig,
  options: {
    readonly past: readonly PastTensors[];
    /** `[batch, past]`, added to scores. */
    readonly pastMask: tf.Tensor2D;
    /** `[seq, seq]`, added to scores. */
    readonly chunkMask: tf.Tensor2D;
    readonly onChunk: (layer: number, chunk: ChunkTensors) => void;
  },
): Attention {
  const { past, pastMask, chunkMask, onChunk } = options;
  const [batch, pastLength] = pastMask.shape;
  const mask = tf.reshape(pastMask, [batch, 1, 1, pastLength]);
  return (layer, query, key, value) => {
    const length = query.shape[2];
    const grouped = groupedQuery(config, query);
    const chunkKey = tf.transpose(key, [0, 1, 3, 2]);
    onChunk(layer, { key: chunkKey, value });
    const pastScores = tf.add(tf.matMul(grouped, past[layer]!.key), mask);
    const chunkScores = maskedScores(config, grouped, chunkKey, chunkMask);
    const weights = tf.softmax(tf.concat([pastScores, chunkScores], 3));
    const [pastWeights, chunkWeights] = tf.split(weights, [pastLength, length], 3) as [tf.Tensor4D, tf.Tensor4D];
    const attended = tf.add(tf.matMul(pastWeights, past[layer]!.value), tf.matMul(chunkWeights, value));
    return tf.reshape(attended, query.shape) as tf.Tensor4D;
  };
}
