import { z } from 'zod';
import { beta } from '../common-settings.ts';
import { defineLoss, type Ops, type PerPair } from '../loss.ts';

const source = 'IPO, arXiv 2310.12036, equation 17';
const settings = z.strictObject({ beta: beta() });
const squared = (tf: Ops, margin: PerPair, strength: number): PerPair => tf.square(tf.sub(margin, 1 / (2 * strength)));

export const ipo = defineLoss({
  name: 'ipo',
  version: 1,
  summary: 'IPO on log-ratios per token, as TRL computes it: the margin is drawn to 1 / (2 beta).',
  formula: '(m - 1 / (2 beta))^2, m = r(chosen) / |chosen| - r(rejected) / |rejected|',
  source,
  needs: { reference: true, scores: 'mean' },
  settings,
  perPair: (tf, { margin }, { beta }) => squared(tf, margin, beta),
});

export const ipoSum = defineLoss({
  name: 'ipo_sum',
  version: 1,
  summary: 'IPO on summed log-ratios, as the paper prints it.',
  formula: '(m - 1 / (2 beta))^2',
  source,
  needs: { reference: true, scores: 'sum' },
  settings,
  perPair: (tf, { margin }, { beta }) => squared(tf, margin, beta),
});
