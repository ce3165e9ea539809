import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { defineLoss } from '../loss.ts';

export const exoPair = defineLoss({
  name: 'exo_pair',
  version: 1,
  summary: "EXO on pairs: the reverse KL divergence of the policy's preference from the labels'.",
  formula: 'q log(q / (1 - e)) + (1 - q) log((1 - q) / e), q = sigmoid(beta * m), e = label_smoothing',
  source: 'EXO, arXiv 2402.00856, equation 16',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({
    beta: beta(),
    label_smoothing: z
      .number()
      .gt(0)
      .lt(0.5)
      .default(1e-3)
      .describe('Share of pairs whose label is held to be flipped; without any the divergence has no end.'),
  }),
  perPair(tf, { margin }, { beta, label_smoothing: e }) {
    const logits = tf.mul(margin, beta) as typeof margin;
    const logRatioOf = (x: typeof margin, share: number) => tf.neg(tf.add(tf.softplus(tf.neg(x)), Math.log(share)));
    return tf.add(
      tf.mul(tf.sigmoid(logits), logRatioOf(logits, 1 - e)),
      tf.mul(tf.sigmoid(tf.neg(logits)), logRatioOf(tf.neg(logits), e)),
    );
  },
});
