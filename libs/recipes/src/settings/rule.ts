/** Which dataset rule makes the training set. The rule's own settings are its own to check. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from './numbers.ts';

/** What a rule makes: preference pairs, examples, or examples with advantages. */
export type RuleOutput = 'pairs' | 'examples' | 'advantages';

/** A rule by name; keys beside those here are the rule's own settings. */
export const ruleSettings = (defaultRule: string, makes: RuleOutput) =>
  z.looseObject({
    rule: z
      .string()
      .min(1)
      .max(LIMITS.nameChars)
      .default(defaultRule)
      .describe(
        'Name of the dataset rule; "hone rules list" shows them. Keys that do not stand here are its settings.',
      ),
    makes: z.literal(makes).default(makes).describe('What the training needs, and so what the rule must make.'),
    address: z
      .string()
      .max(LIMITS.pathChars)
      .default('')
      .describe("host:port of a server of the rule; empty means the deployment's own pair-builder."),
    most_in_all: whole(0, 2 ** 31 - 1)
      .default(0)
      .describe(`Most ${makes} in all, spread evenly over problems; 0 means no limit. The paper's are about 60k.`),
  });

/** The same of a rule that is given what people said, and no verdicts. */
export const peopleRuleSettings = (defaultRule: string, makes: RuleOutput) =>
  ruleSettings(defaultRule, makes).extend({
    judged_by: z
      .literal('people')
      .default('people')
      .describe('Who says what is better, and so what the rule is given: what people said, and no verdicts.'),
  });

export type RuleSettings = z.output<ReturnType<typeof ruleSettings>> & { readonly judged_by?: 'people' };

/** The settings that are the rule's own. */
export function ownSettingsOf({
  rule: _,
  makes: __,
  address: ___,
  most_in_all: ____,
  judged_by: _____,
  ...own
}: RuleSettings) {
  return own;
}
