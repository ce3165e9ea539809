import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { defineLoss, type Ops, type PerToken } from '../loss.ts';

/** A log-ratio above this is as good as endless: its exponential would leave single precision. */
const LARGEST_LOG_RATIO = 20;

const ratio = (tf: Ops, logRatio: PerToken): PerToken => tf.exp(tf.minimum(logRatio, LARGEST_LOG_RATIO));

/** An estimate of the KL divergence of the policy from the reference that is never below 0 (arXiv 2402.03300, equation 4). */
function divergence(tf: Ops, logProb: PerToken, reference: PerToken): PerToken {
  const logRatio = tf.sub(reference, logProb) as PerToken;
  return tf.sub(ratio(tf, logRatio), tf.add(logRatio, 1));
}

/** The better of two: the clipped ratio has no gradient where it would leave the range. */
function clipped(tf: Ops, of: PerToken, advantage: PerToken, low: number, high: number): PerToken {
  const within = tf.maximum(tf.minimum(of, 1 + high), 1 - low);
  return tf.minimum(tf.mul(of, advantage), tf.mul(within, advantage));
}

export const grpo = defineLoss({
  name: 'grpo',
  version: 1,
  summary:
    'GRPO: tokens of completions that are better than others of their problem more likely, within a clipped range.',
  formula:
    '-min(q A, clip(q, 1 - epsilon, 1 + epsilon_high) A) + beta (p_reference / p - log(p_reference / p) - 1), q = p / p_old',
  source:
    'DeepSeekMath, arXiv 2402.03300, equations 3 and 4; loss_type: DAPO, arXiv 2503.14476, and Dr. GRPO, arXiv 2503.20783',
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({
    beta: z
      .number()
      .min(0)
      .max(LIMITS.coefficient)
      .default(0.04)
      .describe("Weight of the KL divergence. The paper's is 0.04."),
    epsilon: z.number().gt(0).lt(1).default(0.2).describe('How far below 1 the ratio to the old policy counts.'),
    epsilon_high: z
      .number()
      .gt(0)
      .max(LIMITS.coefficient)
      .default(0.2)
      .describe('How far above 1 it counts. DAPO has 0.28.'),
    loss_type: z
      .enum(['grpo', 'bnpo', 'dr_grpo'])
      .default('grpo')
      .describe(
        'Mean over completions of their token means, over all tokens of the batch, or over completions of sums / max_completion_length.',
      ),
    max_completion_length: z
      .int()
      .min(1)
      .max(LIMITS.tokens)
      .default(512)
      .describe('Divides the sums of dr_grpo: the most tokens that a completion may have.'),
  }),
  perToken(tf, { logProb, old, reference, advantage }, { beta, epsilon, epsilon_high }) {
    const gain = clipped(tf, ratio(tf, tf.sub(logProb, old)), advantage, epsilon, epsilon_high);
    if (beta === 0) return tf.neg(gain);
    return tf.sub(tf.mul(divergence(tf, logProb, reference), beta), gain);
  },
  tokenWeight({ length, completions, tokens }, { loss_type: type, max_completion_length }) {
    if (type === 'grpo') return 1 / (length * completions);
    return type === 'bnpo' ? 1 / tokens : 1 / (completions * max_completion_length);
  },
});
