/** Which dataset rule makes the training set. The rule's own settings are its own to check. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';

/** A rule by name; keys beside name and address are the rule's settings. */
export const ruleSettings = (defaultRule: string) =>
  z.looseObject({
    rule: z
      .string()
      .min(1)
      .max(LIMITS.nameChars)
      .default(defaultRule)
      .describe(
        'Name of the dataset rule; "hone rules list" shows them. Keys beside rule and address are its settings.',
      ),
    address: z
      .string()
      .max(LIMITS.pathChars)
      .default('')
      .describe("host:port of a server of the rule; empty means the deployment's own pair-builder."),
  });
export type RuleSettings = z.output<ReturnType<typeof ruleSettings>>;
