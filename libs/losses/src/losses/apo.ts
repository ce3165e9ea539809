import { z } from 'zod';
import { byLabel, labelWeights } from '../by-label.ts';
import { beta } from '../common-settings.ts';
import { defineLoss } from '../loss.ts';

const settings = z.strictObject({ beta: beta() });
const needs = { reference: true, scores: 'sum' } as const;

export const apoZero = defineLoss({
  name: 'apo_zero',
  version: 1,
  summary:
    'APO-zero: the chosen more likely and the rejected less, for chosen that are better than what the model says.',
  formula: '1 - sigmoid(beta * r(chosen)) + sigmoid(beta * r(rejected))',
  source: 'APO, arXiv 2408.06266, equation 7',
  needs,
  settings,
  perPair: (tf, { chosen, rejected }, { beta }) =>
    tf.add(tf.sigmoid(tf.mul(chosen.score, -beta)), tf.sigmoid(tf.mul(rejected.score, beta))),
});

export const apoDown = defineLoss({
  name: 'apo_down',
  version: 1,
  summary: 'APO-down: both less likely, the rejected more so, for chosen that are worse than what the model says.',
  formula: 'sigmoid(beta * r(chosen)) + 1 - sigmoid(beta * m)',
  source: 'APO, arXiv 2408.06266, equation 8',
  needs,
  settings,
  perPair: (tf, { chosen, margin }, { beta }) =>
    tf.add(tf.sigmoid(tf.mul(chosen.score, beta)), tf.sigmoid(tf.mul(margin, -beta))),
});

export const apoZeroUnpaired = defineLoss({
  name: 'apo_zero_unpaired',
  version: 1,
  summary: 'APO-zero on single completions: desirable ones more likely and others less, against the reference alone.',
  formula: 'desirable_weight * (1 - sigmoid(beta * r)) if desirable, else undesirable_weight * sigmoid(beta * r)',
  source: "APO, arXiv 2408.06266, equation 7, a completion at a time, as TRL's KTO has it",
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({ beta: beta(), ...labelWeights() }),
  perCompletion(tf, { score, desirable }, { beta, ...weights }) {
    const reward = tf.mul(score, beta);
    return byLabel(tf, desirable, tf.sigmoid(tf.neg(reward)), tf.sigmoid(reward), weights);
  },
});
