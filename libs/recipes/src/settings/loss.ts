/** A preference loss. What is left out is the paper's (arXiv 2404.19733, equation 1). */
import {
  ADVANTAGE_LOSSES,
  brokenSettings,
  flatSettings,
  lossNames,
  PREFERENCE_LOSSES,
  withDefaults,
  type Loss,
} from '@hone/losses';
import { z } from 'zod';
import { coefficient } from './numbers.ts';

export const REDUCTIONS = ['SEQUENCE_MEAN', 'TOKEN_MEAN', 'SEQUENCE_SUM'] as const;

export const nllReduction = z
  .enum(REDUCTIONS)
  .describe(
    'How the NLL is averaged: over sequences of their token means, over all tokens, or over sequences of their sums.',
  );

/** Keys of these losses, which stand beside those of a training. Whoever takes them in takes `asLoss` behind them. */
const keysOf = (losses: readonly Loss[], initial: string, description: string) => ({
  preference: z.enum(lossNames(losses)).default(initial).describe(description),
  // Which of them there are says the loss.
  ...(flatSettings(losses) as Record<never, z.ZodType>),
});

/** The keys of a loss on pairs or labelled completions. */
export const lossKeys = {
  ...keysOf(
    PREFERENCE_LOSSES,
    'sigmoid',
    "Loss on pairs or single completions, by name: docs/reference/losses.md tells of each. sigmoid (DPO) is the paper's; none leaves the NLL.",
  ),
  nll_alpha: coefficient().default(1).describe("Weight of the NLL of the chosen. The paper's is 1."),
  nll_reduction: nllReduction.default('SEQUENCE_MEAN'),
};

/** The keys of a loss on completions with advantages. */
export const advantageLossKeys: typeof lossKeys = {
  ...keysOf(
    ADVANTAGE_LOSSES,
    'grpo',
    'Loss on tokens of completions with advantages, by name: docs/reference/losses.md tells of each.',
  ),
  nll_alpha: coefficient().default(0).describe('Weight of the NLL of completions whose advantage is above 0.'),
  nll_reduction: nllReduction.default('SEQUENCE_MEAN'),
};

/** An object with the keys of a loss, whose settings have that loss's own defaults and ranges; those of others are refused. */
export const asLoss = <Shape extends typeof lossKeys>(schema: z.ZodObject<Shape, z.core.$strict>) =>
  schema
    .overwrite((given) => withDefaults(given as never))
    .check((context) => {
      // A range that all losses share was looked at before.
      const told = new Set(context.issues.map(({ path }) => path?.[0]));
      for (const { key, rule } of brokenSettings(context.value as never).filter(({ key }) => !told.has(key)))
        context.issues.push({ code: 'custom', message: rule, path: [key], input: context.value });
    });

export const loss = asLoss(z.strictObject(lossKeys));
export type LossSettings = z.output<typeof loss>;
