import { z } from 'zod';
import { byLabel, labelWeights } from '../by-label.ts';
import { beta } from '../common-settings.ts';
import { defineLoss } from '../loss.ts';

export const kto = defineLoss({
  name: 'kto',
  version: 1,
  summary: "KTO: each completion by itself, desirable ones above and others below the batch's KL divergence.",
  formula:
    'desirable_weight * (1 - sigmoid(beta * (r - z0))) if desirable, else undesirable_weight * (1 - sigmoid(beta * (z0 - r)))',
  source: 'KTO, arXiv 2402.01306, equation 7; on the weights: equation 8',
  needs: { reference: true, scores: 'sum', kl: true },
  settings: z.strictObject({ beta: beta(), ...labelWeights() }),
  perCompletion(tf, { score, kl, desirable }, { beta, ...weights }) {
    const above = tf.mul(tf.sub(score, kl), beta);
    return byLabel(tf, desirable, tf.sigmoid(tf.neg(above)), tf.sigmoid(above), weights);
  },
});
