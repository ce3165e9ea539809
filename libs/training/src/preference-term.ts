/** The preference losses, each a function of how far the policy puts a pair's chosen completion above its rejected one. */
import { tf } from '@hone/tfjs-onnx';
import type { PreferenceTerm } from './types.ts';

/** -log sigmoid(x); tfjs's own logSigmoid has no usable gradient. */
const negativeLogSigmoid = (x: tf.Tensor1D): tf.Tensor1D => tf.softplus(tf.neg(x));

/** Whether a loss looks at log-probs per token instead of summed ones. */
export function isLengthNormalised({ preference }: Pick<PreferenceTerm, 'preference'>): boolean {
  return preference === 'ipo' || preference === 'sigmoid_norm';
}

/**
 * DPO (arXiv 2305.18290, equation 7). Under labels that are wrong with probability `smoothing` its expectation is the
 * conservative DPO of Mitchell, "A note on DPO with noisy preferences & relationship to IPO" (2023).
 */
function sigmoidLoss(logits: tf.Tensor1D, smoothing: number): tf.Tensor1D {
  const kept = negativeLogSigmoid(logits);
  if (smoothing === 0) return kept;
  return tf.add(tf.mul(kept, 1 - smoothing), tf.mul(tf.softplus(logits), smoothing));
}

/** Robust DPO (Chowdhury et al., arXiv 2403.00409): unbiased for DPO's loss where labels are flipped with that probability. */
function robustLoss(logits: tf.Tensor1D, smoothing: number): tf.Tensor1D {
  const [kept, flipped] = [negativeLogSigmoid(logits), tf.softplus(logits)];
  return tf.div(tf.sub(tf.mul(kept, 1 - smoothing), tf.mul(flipped, smoothing)), 1 - 2 * smoothing);
}

/**
 * Loss of each pair: `[pairs]`. `margins` is the chosen's log-ratio to the reference less the rejected's, of log-probs per token
 * where `isLengthNormalised`, else of summed ones.
 */
export function preferenceLosses(
  { preference, beta, labelSmoothing = 0 }: PreferenceTerm,
  margins: tf.Tensor1D,
): tf.Tensor1D {
  const logits: tf.Tensor1D = tf.mul(margins, beta);
  switch (preference) {
    case 'none':
      return tf.zerosLike(margins);
    case 'sigmoid':
      return sigmoidLoss(logits, labelSmoothing);
    // Length-normalised DPO (Tülu 3, arXiv 2411.15124, section 5.1): equation 7 of DPO on log-probs per token.
    case 'sigmoid_norm':
      return sigmoidLoss(logits, 0);
    case 'robust':
      return robustLoss(logits, labelSmoothing);
    // max(0, 1 - beta * margin): SLiC (arXiv 2305.10425) on the normalised likelihood of RSO (arXiv 2309.06657).
    case 'hinge':
      return tf.relu(tf.sub(1, logits));
    // IPO (arXiv 2310.12036, equation 17); `ipo` on log-probs per token, as TRL computes it, `ipo_sum` on sums, as printed.
    case 'ipo':
    case 'ipo_sum':
      return tf.square(tf.sub(margins, 1 / (2 * beta)));
  }
}
