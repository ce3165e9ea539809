/** Which dataset rule makes the training set. The rule's own settings are its own to check. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';

/** What a rule makes: preference pairs, or examples. */
export type RuleOutput = 'pairs' | 'examples';

/** A rule by name; keys beside those here are the rule's own settings. */
export const ruleSettings = (defaultRule: string, makes: RuleOutput) =>
  z.looseObject({
    rule: z
      .string()
      .min(1)
      .max(LIMITS.nameChars)
      .default(defaultRule)
      .describe(
        'Name of the dataset rule; "hone rules list" shows them. Keys beside rule, address and makes are its settings.',
      ),
    makes: z.literal(makes).default(makes).describe('What the training needs, and so what the rule must make.'),
    address: z
      .string()
      .max(LIMITS.pathChars)
      .default('')
      .describe("host:port of a server of the rule; empty means the deployment's own pair-builder."),
  });
export type RuleSettings = z.output<ReturnType<typeof ruleSettings>>;
