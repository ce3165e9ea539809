import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { negativeLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const ncaPair = defineLoss({
  name: 'nca_pair',
  version: 1,
  summary: 'NCA on pairs: the likelihood of the chosen by itself, held up against noise.',
  formula: '-log sigmoid(c) - (log sigmoid(-c) + log sigmoid(-d)) / 2, c = beta * r(chosen), d = beta * r(rejected)',
  source: 'Noise Contrastive Alignment, arXiv 2402.05369: NCA with two responses, one of them preferred',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta() }),
  perPair(tf, { chosen, rejected }, { beta }) {
    const reward = tf.mul(chosen.score, beta) as typeof chosen.score;
    const noise = tf.add(tf.softplus(reward), tf.softplus(tf.mul(rejected.score, beta)));
    return tf.add(negativeLogSigmoid(tf, reward), tf.mul(noise, 0.5));
  },
});
