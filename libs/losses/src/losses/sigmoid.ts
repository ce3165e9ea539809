import { z } from 'zod';
import { beta, labelSmoothing } from '../common-settings.ts';
import { smoothedLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const sigmoid = defineLoss({
  name: 'sigmoid',
  aliases: ['dpo'],
  version: 1,
  summary: "DPO: the policy's own reward puts the chosen above the rejected. With nll_alpha the paper's (IRPO).",
  formula:
    '-(1 - e) log sigmoid(beta * m) - e log sigmoid(-beta * m), m = r(chosen) - r(rejected), e = label_smoothing',
  source: 'DPO, arXiv 2305.18290, equation 7; smoothed: Mitchell, "A note on DPO with noisy preferences", 2023',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta(), label_smoothing: labelSmoothing() }),
  perPair: (tf, { margin }, settings) =>
    smoothedLogSigmoid(tf, tf.mul(margin, settings.beta), settings.label_smoothing),
});
