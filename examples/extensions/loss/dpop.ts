/** DPO-Positive: the example of docs/guides/loss.md. */
import { defineLoss } from '@hone/losses';
import { z } from 'zod';

export const dpop = defineLoss({
  name: 'dpop',
  version: 1,
  summary: 'DPO with a penalty where the chosen becomes less likely than under the reference.',
  formula: '-log sigmoid(beta * (m - penalty * max(0, -r(chosen))))',
  source: 'Smaug: DPO-Positive, arXiv 2402.13228',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({
    beta: z.number().gt(0).max(1e6).default(0.3).describe("Strength of the reference. The paper's is 0.3."),
    penalty: z.number().min(0).max(1e6).default(50).describe("Weight of the penalty. The paper's lambda is 50."),
  }),
  perPair(tf, { chosen, margin }, { beta, penalty }) {
    const fall = tf.relu(tf.neg(chosen.score));
    const logits = tf.mul(tf.sub(margin, tf.mul(fall, penalty)), beta);
    // -log sigmoid(x) is softplus(-x); this form neither overflows nor loses its gradient.
    return tf.softplus(tf.neg(logits));
  },
});
