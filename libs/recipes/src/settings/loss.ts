/** A preference loss. What is left out is the paper's (arXiv 2404.19733, equation 1). */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { coefficient, positive } from './numbers.ts';

/** `dpo` is what the libraries call sigmoid. */
export const PREFERENCES = ['dpo', 'sigmoid', 'ipo', 'ipo_sum', 'hinge', 'robust', 'sigmoid_norm', 'none'] as const;
export const REDUCTIONS = ['SEQUENCE_MEAN', 'TOKEN_MEAN', 'SEQUENCE_SUM'] as const;

export const nllReduction = z
  .enum(REDUCTIONS)
  .describe(
    'How the NLL is averaged: over sequences of their token means, over all tokens, or over sequences of their sums.',
  );

/** The keys of a loss, which stand beside those of a training. */
export const lossKeys = {
  preference: z
    .enum(PREFERENCES)
    .default('sigmoid')
    .describe('Preference term: sigmoid (DPO, the paper), ipo, ipo_sum, hinge, robust, sigmoid_norm, or none.'),
  beta: positive(LIMITS.coefficient)
    .default(0.1)
    .describe("Strength of the reference in the preference term. The paper's is 0.1."),
  label_smoothing: z
    .number()
    .min(0)
    .lt(0.5)
    .default(0)
    .describe('Share of pairs whose label is held to be flipped; for sigmoid and robust only.'),
  nll_alpha: coefficient().default(1).describe("Weight of the NLL of the chosen. The paper's is 1."),
  nll_reduction: nllReduction.default('SEQUENCE_MEAN'),
};
export const loss = z.strictObject(lossKeys);
export type LossSettings = z.output<typeof loss>;
