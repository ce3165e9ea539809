import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { negativeLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const bcoPair = defineLoss({
  name: 'bco_pair',
  version: 1,
  summary:
    'BCO on pairs: each completion is judged right or wrong by itself. Without the shift of rewards, as TRL has it for pairs.',
  formula: '-log sigmoid(beta * r(chosen)) - log sigmoid(-beta * r(rejected))',
  source: 'BCO, arXiv 2404.04656, theorem 1: the bound by two binary cross-entropies, without the reward shift',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta() }),
  perPair: (tf, { chosen, rejected }, { beta }) =>
    tf.add(negativeLogSigmoid(tf, tf.mul(chosen.score, beta)), tf.softplus(tf.mul(rejected.score, beta))),
});
