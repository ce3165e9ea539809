import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { negativeLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const sigmoidNorm = defineLoss({
  name: 'sigmoid_norm',
  version: 1,
  summary: 'DPO on log-ratios divided by the number of tokens of each completion.',
  formula: '-log sigmoid(beta * m), m = r(chosen) / |chosen| - r(rejected) / |rejected|',
  source: 'Tulu 3, arXiv 2411.15124, section 5.1',
  needs: { reference: true, scores: 'mean' },
  settings: z.strictObject({ beta: beta() }),
  perPair: (tf, { margin }, settings) => negativeLogSigmoid(tf, tf.mul(margin, settings.beta)),
});
