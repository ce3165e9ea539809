import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { defineLoss } from '../loss.ts';

export const sppoHard = defineLoss({
  name: 'sppo_hard',
  version: 1,
  summary: 'SPPO with hard labels: log-ratios are drawn to 1 / (2 beta) and -1 / (2 beta).',
  formula: '(r(chosen) - 1 / (2 beta))^2 + (r(rejected) + 1 / (2 beta))^2',
  source: 'SPPO, arXiv 2405.00675, equation 4.7, with P of 1 and 0',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta() }),
  perPair: (tf, { chosen, rejected }, { beta }) =>
    tf.add(tf.square(tf.sub(chosen.score, 0.5 / beta)), tf.square(tf.add(rejected.score, 0.5 / beta))),
});
