import { z } from 'zod';
import { beta, labelSmoothing } from '../common-settings.ts';
import { negativeLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const robust = defineLoss({
  name: 'robust',
  version: 1,
  summary: "Robust DPO: unbiased for DPO's loss where that share of the labels is flipped.",
  formula: '(-(1 - e) log sigmoid(beta * m) + e log sigmoid(-beta * m)) / (1 - 2 e), e = label_smoothing',
  source: 'Provably Robust DPO, arXiv 2403.00409: the unbiased estimate of the loss under flipped labels',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta(), label_smoothing: labelSmoothing() }),
  perPair(tf, { margin }, { beta, label_smoothing: smoothing }) {
    const logits = tf.mul(margin, beta) as typeof margin;
    const [kept, flipped] = [negativeLogSigmoid(tf, logits), tf.softplus(logits)];
    return tf.div(tf.sub(tf.mul(kept, 1 - smoothing), tf.mul(flipped, smoothing)), 1 - 2 * smoothing);
  },
});
