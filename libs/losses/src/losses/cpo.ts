import { z } from 'zod';
import { labelSmoothing, positive } from '../common-settings.ts';
import { smoothedLogSigmoid } from '../log-sigmoid.ts';
import { defineLoss } from '../loss.ts';

export const cpo = defineLoss({
  name: 'cpo',
  version: 1,
  summary: 'CPO: DPO without a reference, meant to stand beside the NLL of the chosen.',
  formula: '-log sigmoid(beta * m), m = log p(chosen) - log p(rejected)',
  source: 'CPO, arXiv 2401.08417, equation 3',
  needs: { reference: false, scores: 'sum' },
  settings: z.strictObject({
    beta: positive().default(0.1).describe('Scale of the margin.'),
    label_smoothing: labelSmoothing(),
  }),
  perPair: (tf, { margin }, settings) =>
    smoothedLogSigmoid(tf, tf.mul(margin, settings.beta), settings.label_smoothing),
});
