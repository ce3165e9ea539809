/**
 * Attention for training, over a run of tokens in which each prompt stands once, whatever the number of its completions:
 * linear layers see every token once and no padding; attention sees blocks, in which a completion also looks at the keys and
 * values of its prompt. Where prompts are not shared, each sequence is a row of its own.
 */
import type { ModelConfig } from '@hone/checkpoint';
import { fromBlocks, repeatByGroup, tf, toBlocks, type Block, type Layout } from '@hone/tfjs-onnx';

/** The prompts of a part, and who belongs to which. */
export interface SharedPrompts {
  readonly block: Block;
  /** Prompt of each row, int32 `[rows]`, and the same as `[prompts, rows]` of 0 and 1. */
  readonly promptOfRow: tf.Tensor1D;
  readonly membership: tf.Tensor2D;
}

/** Masks of the layers that have the same window, added to scores. */
export interface PackedMasks {
  /** `[length, length]` */
  readonly rows: tf.Tensor2D;
  /** `[promptLength, promptLength]`, where prompts are shared. */
  readonly prompts?: tf.Tensor2D | undefined;
  /** `[rows, length | 1, promptLength]`, of a row for its prompt, whose padding is masked. */
  readonly promptOfRows?: tf.Tensor3D | undefined;
}

export interface PackedLayout {
  /** Completions behind shared prompts, or whole sequences. */
  readonly rows: Block;
  readonly slots: tf.Tensor1D;
  /** By window. */
  readonly masks: ReadonlyMap<number | null, PackedMasks>;
  readonly prompts?: SharedPrompts | undefined;
}

/** Query `[sequences, length, heads, headDim]`, key and value `[sequences, length, kvHeads, headDim]`. */
interface Sequences {
  readonly query: tf.Tensor4D;
  readonly key: tf.Tensor4D;
  readonly value: tf.Tensor4D;
}

/** Keys and values `[sequences, kvHeads, length, headDim]` that come before all positions of a sequence. */
interface Before {
  readonly key: tf.Tensor4D;
  readonly value: tf.Tensor4D;
  /** Added to scores, `[sequences, 1 | queries, length]`. */
  readonly mask: tf.Tensor3D;
}

const headsFirst = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 1, 3]);

/** Scores with a mask added for each of the query heads that share a key head (arXiv 2305.13245): both `[..., queries, keys]`. */
function maskedScores(grouped: tf.Tensor4D, key: tf.Tensor4D, mask: tf.Tensor, queries: number): tf.Tensor4D {
  const scores = tf.matMul(grouped, key, false, true);
  const [sequences, kvHeads, rows, keys] = scores.shape as [number, number, number, number];
  const byHead = tf.reshape(scores, [sequences, kvHeads, rows / queries, queries, keys]);
  return tf.reshape(tf.add(byHead, mask), [sequences, kvHeads, rows, keys]);
}

/** `[sequences, length, heads * headDim]`: each position sees those before it, itself, and what is `before` the sequence. */
function attend({ query, key, value }: Sequences, causalMask: tf.Tensor2D, before?: Before): tf.Tensor3D {
  const [sequences, length, heads, headDim] = query.shape;
  const kvHeads = key.shape[2];
  const [ownKey, ownValue] = [headsFirst(key), headsFirst(value)];
  const grouped = tf.reshape(headsFirst(query), [
    sequences,
    kvHeads,
    (heads / kvHeads) * length,
    headDim,
  ]) as tf.Tensor4D;
  const own = maskedScores(grouped, ownKey, causalMask, length);
  let attended: tf.Tensor;
  if (before) {
    const past = before.key.shape[2];
    const mask = tf.expandDims(tf.expandDims(before.mask, 1), 1);
    const weights = tf.softmax(tf.concat([maskedScores(grouped, before.key, mask, length), own], 3));
    const [ofPast, ofOwn] = tf.split(weights, [past, length], 3) as [tf.Tensor4D, tf.Tensor4D];
    attended = tf.add(tf.matMul(ofPast, before.value), tf.matMul(ofOwn, ownValue));
  } else {
    attended = tf.matMul(tf.softmax(own), ownValue);
  }
  const byHead = tf.reshape(attended, [sequences, heads, length, headDim]) as tf.Tensor4D;
  return tf.reshape(headsFirst(byHead), [sequences, length, heads * headDim]);
}

/** What a row's prompt holds, for each row. */
function promptsOf({ key, value }: Sequences, { promptOfRow, membership }: SharedPrompts, mask: tf.Tensor3D): Before {
  const repeat = (x: tf.Tensor4D): tf.Tensor4D => repeatByGroup(headsFirst(x), promptOfRow, membership) as tf.Tensor4D;
  return { key: repeat(key), value: repeat(value), mask };
}

/** Attention over flat runs: query `[tokens, heads, headDim]`, key and value `[tokens, kvHeads, headDim]`. */
export function packedAttention({ layers }: ModelConfig, { rows, slots, masks, prompts }: PackedLayout) {
  const layout: Layout = { blocks: prompts ? [prompts.block, rows] : [rows], slots };
  return (layer: number, query: tf.Tensor3D, key: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor2D => {
    const mask = masks.get(layers[layer]!.window)!;
    const [queries, keys, values] = [query, key, value].map((run) => toBlocks(run, layout) as tf.Tensor4D[]);
    const [first, second] = layout.blocks.map((_, i) => ({ query: queries![i]!, key: keys![i]!, value: values![i]! }));
    if (!prompts) return fromBlocks([attend(first!, mask.rows)], layout);
    const ofPrompts = attend(first!, mask.prompts!);
    return fromBlocks([ofPrompts, attend(second!, mask.rows, promptsOf(first!, prompts, mask.promptOfRows!))], layout);
  };
}
