import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { defineLoss } from '../loss.ts';

export const hinge = defineLoss({
  name: 'hinge',
  version: 1,
  summary: 'SLiC on the normalised likelihood: pairs that are far enough apart have no loss.',
  formula: 'max(0, 1 - beta * m)',
  source: 'SLiC-HF, arXiv 2305.10425, on the normalised likelihood of RSO, arXiv 2309.06657',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta() }),
  perPair: (tf, { margin }, settings) => tf.relu(tf.sub(1, tf.mul(margin, settings.beta))),
});
