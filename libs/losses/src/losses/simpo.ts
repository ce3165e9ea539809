import { z } from 'zod';
import { labelSmoothing, positive } from '../common-settings.ts';
import { smoothedLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const simpo = defineLoss({
  name: 'simpo',
  version: 1,
  summary: 'SimPO: the log-prob per token is the reward, of which the chosen must have a margin more; no reference.',
  formula: '-log sigmoid(beta * m - gamma), m = log p(chosen) / |chosen| - log p(rejected) / |rejected|',
  source: 'SimPO, arXiv 2405.14734, equation 6',
  needs: { reference: false, scores: 'mean' },
  settings: z.strictObject({
    beta: positive().default(2).describe("Scale of the reward. The paper's are 2 and 2.5."),
    gamma: z.number().min(0).max(100).default(1).describe("Reward margin. The paper's are 0.3 to 1.6."),
    label_smoothing: labelSmoothing(),
  }),
  perPair: (tf, { margin }, { beta, gamma, label_smoothing: smoothing }) =>
    smoothedLogSigmoid(tf, tf.sub(tf.mul(margin, beta), gamma), smoothing),
});
