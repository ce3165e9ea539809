import type { Ops, PerPair } from './loss.ts';

/** -log sigmoid(x); tfjs's own logSigmoid has no usable gradient. */
export const negativeLogSigmoid = (tf: Ops, x: PerPair): PerPair => tf.softplus(tf.neg(x));

/** -log sigmoid(logits) where a share `smoothing` of the labels is held to be flipped (Mitchell, "A note on DPO with noisy preferences", 2023). */
export function smoothedLogSigmoid(tf: Ops, logits: PerPair, smoothing: number): PerPair {
  const kept = negativeLogSigmoid(tf, logits);
  if (smoothing === 0) return kept;
  return tf.add(tf.mul(kept, 1 - smoothing), tf.mul(tf.softplus(logits), smoothing));
}
