/** The two ways in which attention finds its keys and values: in the sequence itself, or also in a cache. */
import type { ModelConfig } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';
import type { Attention } from './llama.ts';

/** Added to the score of a position that may not be seen; its exp is exactly 0 in fp32. */
export const MASKED = -1e9;

/**
 * Grouped-query attention (arXiv 2305.13245): the query heads that share a key head are rows of one matrix product.
 * `[batch, heads, seq, headDim]` -> `[batch, kvHeads, group * seq, headDim]`, already divided by sqrt(headDim).
 */
function groupedQuery({ numKeyValueHeads, headDim }: ModelConfig, query: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, length] = query.shape;
  const grouped = tf.reshape(query, [batch, numKeyValueHeads, (heads / numKeyValueHeads) * length, headDim]);
  return tf.mul(grouped, 1 / Math.sqrt(headDim)) as tf.Tensor4D;
}

/** Causal attention within sequences of a fixed length, for training. */
export function causalAttention(config: ModelConfig, length: number): Attention {
  const group = config.numAttentionHeads / config.numKeyValueHeads;
  const mask = Float32Array.from({ length: group * length * length }, (_, i) => {
    const row = Math.floor(i / length) % length;
    return i % length > row ? MASKED : 0;
  });
  const maskTensor = tf.tensor(mask, [1, 1, group * length, length]);
  return (_layer, query, key, value) => {
    const scores = tf.add(tf.matMul(groupedQuery(config, query), key, false, true), maskTensor);
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
  const { numKeyValueHeads } = config;
  const group = config.numAttentionHeads / numKeyValueHeads;
  const [batch, pastLength] = pastMask.shape;
  const mask = tf.reshape(pastMask, [batch, 1, 1, pastLength]);
  return (layer, query, key, value) => {
    const length = query.shape[2];
    const grouped = groupedQuery(config, query);
    const chunkKey = tf.transpose(key, [0, 1, 3, 2]);
    onChunk(layer, { key: chunkKey, value });
    const pastScores = tf.add(tf.matMul(grouped, past[layer]!.key), mask);
    const chunkScores = tf.add(
      tf.reshape(tf.matMul(grouped, chunkKey), [batch, numKeyValueHeads, group, length, length]),
      chunkMask,
    );
    const flatChunkScores = tf.reshape(chunkScores, [batch, numKeyValueHeads, group * length, length]);
    const weights = tf.softmax(tf.concat([pastScores, flatChunkScores], 3));
    const [pastWeights, chunkWeights] = tf.split(weights, [pastLength, length], 3) as [tf.Tensor4D, tf.Tensor4D];
    const attended = tf.add(tf.matMul(pastWeights, past[layer]!.value), tf.matMul(chunkWeights, value));
    return tf.reshape(attended, query.shape) as tf.Tensor4D;
  };
}
