/** Attention of decoding: to a cache, to prompts that rows share, and to the chunk itself. */
import type { ModelConfig } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';
import type { Attention } from './family.ts';

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

/** Scores `[batch, kvHeads, group * seq, keys]` with a mask added, `[seq, keys]` or `[batch, seq | 1, keys]`. */
function maskedScores(
  { numAttentionHeads, numKeyValueHeads }: ModelConfig,
  length: number,
  scores: tf.Tensor4D,
  mask: tf.Tensor2D | tf.Tensor3D,
): tf.Tensor4D {
  const [batch, , , keys] = scores.shape;
  if (mask.rank === 3 && mask.shape[1] === 1) return tf.add(scores, tf.expandDims(mask, 1));
  const group = numAttentionHeads / numKeyValueHeads;
  const byHead = tf.reshape(scores, [batch, numKeyValueHeads, group, length, keys]);
  const perHead = mask.rank === 3 ? tf.reshape(mask, [batch, 1, 1, length, keys]) : mask;
  return tf.reshape(tf.add(byHead, perHead), [batch, numKeyValueHeads, group * length, keys]) as tf.Tensor4D;
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

/** Prompts that the rows of a batch go on from. Each is read once for all of its rows. */
export interface PromptTensors {
  /** For each layer, `[prompts, kvHeads, headDim, promptLength]` and `[prompts, kvHeads, promptLength, headDim]`. */
  readonly layers: readonly PastTensors[];
  /** `[prompts, members | 1, promptLength]`, added to scores. */
  readonly mask: tf.Tensor3D;
  /** `[prompts, members]` int32: rows of the batch. */
  readonly rowOfMember: tf.Tensor2D;
  /** `[batch]` int32: of each row its index in the flattened `[prompts * members]`. */
  readonly memberOfRow: tf.Tensor1D;
}

/** Attention to the prompts as one matrix product a prompt and key head, with all of the prompt's rows. */
class PromptAttention {
  private readonly prompts: number;
  private readonly members: number;
  private readonly memberRows: tf.Tensor1D;

  constructor(private readonly tensors: PromptTensors) {
    [this.prompts, this.members] = tensors.rowOfMember.shape;
    this.memberRows = tf.reshape(tensors.rowOfMember, [this.prompts * this.members]);
  }

  /** `[batch, kvHeads, queries, inner]` -> `[prompts, kvHeads, members * queries, inner]`. */
  private gather(rows: tf.Tensor4D): tf.Tensor4D {
    const [, heads, queries, inner] = rows.shape;
    const { prompts, members } = this;
    const gathered = tf.reshape(tf.gather(rows, this.memberRows), [prompts, members, heads, queries, inner]);
    const shape: [number, number, number, number] = [prompts, heads, members * queries, inner];
    return tf.reshape(tf.transpose(gathered, [0, 2, 1, 3, 4]), shape);
  }

  /** `[prompts, kvHeads, members, queries, inner]` -> `[batch, kvHeads, queries, inner]`. */
  private scatter(byMember: tf.Tensor5D): tf.Tensor4D {
    const [prompts, heads, members, queries, inner] = byMember.shape;
    const rows = tf.reshape(tf.transpose(byMember, [0, 2, 1, 3, 4]), [prompts * members, heads, queries, inner]);
    return tf.gather(rows, this.tensors.memberOfRow) as tf.Tensor4D;
  }

  /** Scores `[batch, kvHeads, queries, promptLength]` of queries `[batch, kvHeads, queries, headDim]`. */
  scores(layer: number, queries: tf.Tensor4D): tf.Tensor4D {
    const { prompts, members } = this;
    const [, heads, count] = queries.shape;
    const [, maskMembers, length] = this.tensors.mask.shape;
    const mask = tf.reshape(this.tensors.mask, [prompts, 1, maskMembers, 1, length]);
    const products = tf.matMul(this.gather(queries), this.tensors.layers[layer]!.key);
    const scores = tf.reshape(products, [prompts, heads, members, count, length]);
    return this.scatter(tf.add(scores, mask) as tf.Tensor5D);
  }

  /** What the queries take of the values, `[batch, kvHeads, queries, headDim]`, by their weights `[batch, kvHeads, queries, promptLength]`. */
  attend(layer: number, weights: tf.Tensor4D): tf.Tensor4D {
    const { prompts, members } = this;
    const [, heads, count] = weights.shape;
    const { value } = this.tensors.layers[layer]!;
    const attended = tf.matMul(this.gather(weights), value);
    return this.scatter(tf.reshape(attended, [prompts, heads, members, count, value.shape[3]]) as tf.Tensor5D);
  }
}

/**
 * Attention over a cache and the chunk itself, and over prompts where rows share them. The cache is an input only: what a step
 * adds to it comes out apart, so that no run copies the cache.
 */
export function cachedAttention(
  config: ModelConfig,
  options: {
    readonly past: readonly PastTensors[];
    /** `[batch, seq | 1, past]`, added to scores: with a sliding window each position of the chunk has its own. */
    readonly pastMask: tf.Tensor3D;
    /** `[seq, seq]`, added to scores. */
    readonly chunkMask: tf.Tensor2D;
    readonly prompts?: PromptTensors | undefined;
    readonly onChunk: (layer: number, chunk: ChunkTensors) => void;
  },
): Attention {
  const { past, pastMask, chunkMask, onChunk } = options;
  const [, , pastLength] = pastMask.shape;
  const prompts = options.prompts && new PromptAttention(options.prompts);
  const promptLength = options.prompts?.mask.shape[2] ?? 0;
  return (layer, query, key, value) => {
    const length = query.shape[2];
    const grouped = groupedQuery(config, query);
    const chunkKey = tf.transpose(key, [0, 1, 3, 2]);
    onChunk(layer, { key: chunkKey, value });
    const pastScores = maskedScores(config, length, tf.matMul(grouped, past[layer]!.key), pastMask);
    const chunkScores = maskedScores(config, length, tf.matMul(grouped, chunkKey), chunkMask);
    const scores = [...(prompts ? [prompts.scores(layer, grouped)] : []), pastScores, chunkScores];
    const lengths = [...(prompts ? [promptLength] : []), pastLength, length];
    const weights = tf.split(tf.softmax(tf.concat(scores, 3)), lengths, 3) as tf.Tensor4D[];
    const [pastWeights, chunkWeights] = weights.slice(-2) as [tf.Tensor4D, tf.Tensor4D];
    const own = tf.add(tf.matMul(pastWeights, past[layer]!.value), tf.matMul(chunkWeights, value));
    const attended = prompts ? tf.add(own, prompts.attend(layer, weights[0]!)) : own;
    return tf.reshape(attended, query.shape) as tf.Tensor4D;
  };
}
