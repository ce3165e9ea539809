import { z } from 'zod';
import { positive } from '../common-settings.ts';
import { negativeLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss, type Ops, type PerPair } from '../loss.ts';

/** A log-prob that is nearer to 0 has no odds in single precision. */
const NEAREST_TO_SURE = -1e-6;

/** log(p / (1 - p)) of a log-prob. 1 - e^x is tanh(-x / 2) (1 + e^x), which loses no digits near 0. */
function logOdds(tf: Ops, logProb: PerPair): PerPair {
  const x: PerPair = tf.minimum(logProb, NEAREST_TO_SURE);
  const logOneMinus = tf.add(tf.log(tf.tanh(tf.mul(x, -0.5))), tf.softplus(x));
  return tf.sub(x, logOneMinus);
}

export const orpo = defineLoss({
  name: 'orpo',
  version: 1,
  summary: 'ORPO: the odds of the chosen against those of the rejected, beside the NLL of the chosen; no reference.',
  formula: '-beta log sigmoid(log odds(chosen) - log odds(rejected)), odds = p / (1 - p), log p = log p(y) / |y|',
  source: 'ORPO, arXiv 2403.07691, equations 6 and 7',
  needs: { reference: false, scores: 'mean' },
  settings: z.strictObject({
    beta: positive().default(0.1).describe("Weight of the odds ratio beside the NLL: the paper's lambda, 0.1 to 0.25."),
  }),
  perPair: (tf, { chosen, rejected }, { beta }) =>
    tf.mul(negativeLogSigmoid(tf, tf.sub(logOdds(tf, chosen.score), logOdds(tf, rejected.score))), beta),
});
