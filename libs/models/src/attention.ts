/** Attention of decoding: to a cache, to prompts that rows share, and to the chunk itself. */
import type { ModelConfig } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';
import type { Attention } from './decoder-definition.ts';

/** Added to the score of a position that may not be seen; its exp is exactly 0 in fp32. */
export const MASKED = -1e9;

/** Name of a mask's input, of which there is one for each window that layers of the model have. */
export const maskName = (name: string, window: number | null): string => (window === null ? name : `${name}.${window}`);

/**
 * Grouped-query attention (arXiv 2305.13245): the query heads that share a key head are rows of one matrix product.
 * `[batch, heads, seq, headDim]` -> `[batch, kvHeads, group * seq, headDim]`.
 */
function groupedQuery({ numKeyValueHeads, headDim }: ModelConfig, query: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, length] = query.shape;
  return tf.reshape(query, [batch, numKeyValueHeads, (heads / numKeyValueHeads) * length, headDim]) as tf.Tensor4D;
}

/** Masks `[batch | 1, seq | 1, keys]`, side by side, as scores have it: `[batch, 1, group * seq, keys]`. */
function groupedMask(
  { numAttentionHeads, numKeyValueHeads }: ModelConfig,
  [batch, length]: readonly [number, number],
  masks: readonly tf.Tensor3D[],
): tf.Tensor4D {
  const group = numAttentionHeads / numKeyValueHeads;
  const perQuery = masks.map((mask) => {
    const keys = mask.shape[2];
    const perHead = tf.expandDims(mask, 1);
    return tf.reshape(tf.broadcastTo(perHead, [batch, group, length, keys]), [batch, 1, group * length, keys]);
  });
  return tf.concat(perQuery, 3) as tf.Tensor4D;
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
  /** `[prompts, kvHeads, members]` int32: indices in the flattened `[batch * kvHeads]`. */
  readonly memberIndices: tf.Tensor3D;
  /** `[batch, kvHeads]` int32: indices in the flattened `[prompts * kvHeads * members]`. */
  readonly rowIndices: tf.Tensor2D;
}

/** Attention to the prompts as one matrix product a prompt and key head, with all of the prompt's rows. */
class PromptAttention {
  constructor(private readonly tensors: PromptTensors) {}

  /** rows `[batch, kvHeads, queries, inner]` @ matrices `[prompts, kvHeads, inner, outer]` -> `[batch, kvHeads, queries, outer]`. */
  private product(rows: tf.Tensor4D, matrices: tf.Tensor4D): tf.Tensor4D {
    const { memberIndices, rowIndices } = this.tensors;
    const [batch, heads, queries, inner] = rows.shape;
    const [prompts, , members] = memberIndices.shape;
    const flat: tf.Tensor = tf.reshape(rows, [batch * heads, queries, inner]);
    const ofMembers = tf.gather(flat, memberIndices);
    const products = tf.matMul(tf.reshape(ofMembers, [prompts, heads, members * queries, inner]), matrices);
    const outer = matrices.shape[3];
    const byMember: tf.Tensor = tf.reshape(products, [prompts * heads * members, queries, outer]);
    return tf.gather(byMember, rowIndices) as tf.Tensor4D;
  }

  /** Scores `[batch, kvHeads, queries, promptLength]` of queries `[batch, kvHeads, queries, headDim]`. */
  scores(layer: number, queries: tf.Tensor4D): tf.Tensor4D {
    return this.product(queries, this.tensors.layers[layer]!.key);
  }

  /** What the queries take of the values, `[batch, kvHeads, queries, headDim]`, by their weights `[batch, kvHeads, queries, promptLength]`. */
  attend(layer: number, weights: tf.Tensor4D): tf.Tensor4D {
    return this.product(weights, this.tensors.layers[layer]!.value);
  }
}

/** Masks of the layers that have the same window, added to scores. */
export interface CacheMasks {
  /** `[batch, seq | 1, past]`: with a window each position of the chunk has its own. */
  readonly past: tf.Tensor3D;
  /** `[seq, seq]` */
  readonly chunk: tf.Tensor2D;
  /** `[batch, promptLength]` */
  readonly prompt?: tf.Tensor2D | undefined;
}

/**
 * Attention over a cache and the chunk itself, and over prompts where rows share them. The cache is an input only: what a step
 * adds to it comes out apart, so that no run copies the cache.
 */
export function cachedAttention(
  config: ModelConfig,
  options: {
    readonly past: readonly PastTensors[];
    /** By window. */
    readonly masks: ReadonlyMap<number | null, CacheMasks>;
    readonly prompts?: PromptTensors | undefined;
    readonly onChunk: (layer: number, chunk: ChunkTensors) => void;
  },
): Attention {
  const { past, masks, onChunk } = options;
  const prompts = options.prompts && new PromptAttention(options.prompts);
  const grouped = new Map([...masks].map(([window, ofWindow]) => [window, allMasks(config, ofWindow)]));
  return (layer, query, key, value) => {
    const queries = groupedQuery(config, query);
    const chunkKey = tf.transpose(key, [0, 1, 3, 2]);
    onChunk(layer, { key: chunkKey, value });
    const { key: pastKey, value: pastValue } = past[layer]!;
    const promptScores = prompts ? [prompts.scores(layer, queries)] : [];
    const scores = [...promptScores, tf.matMul(queries, pastKey), tf.matMul(queries, chunkKey)];
    const { mask, lengths } = grouped.get(config.layers[layer]!.window)!;
    const weights = tf.split(tf.softmax(tf.add(tf.concat(scores, 3), mask)), lengths, 3) as tf.Tensor4D[];
    const [pastWeights, chunkWeights] = weights.slice(-2) as [tf.Tensor4D, tf.Tensor4D];
    const own = tf.add(tf.matMul(pastWeights, pastValue), tf.matMul(chunkWeights, value));
    const attended = prompts ? tf.add(own, prompts.attend(layer, weights[0]!)) : own;
    return tf.reshape(attended, query.shape) as tf.Tensor4D;
  };
}

/** The masks of prompt, past and chunk side by side, as scores have them, and their lengths. */
function allMasks(config: ModelConfig, { past, chunk, prompt }: CacheMasks): { mask: tf.Tensor4D; lengths: number[] } {
  const [batch, , pastLength] = past.shape;
  const [length] = chunk.shape;
  const ofPrompt = prompt ? [tf.expandDims(prompt, 1) as tf.Tensor3D] : [];
  const mask = groupedMask(config, [batch, length], [...ofPrompt, past, tf.expandDims(chunk, 0) as tf.Tensor3D]);
  return { mask, lengths: [...ofPrompt.map(({ shape }) => shape[2]), pastLength, length] };
}
