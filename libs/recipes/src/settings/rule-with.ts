/** A dataset rule of which a recipe's paper says more than its name. */
import { ruleSettings, type RuleOutput } from './rule.ts';

/** As `ruleSettings`; while the rule is the default one, what is not said of its own settings is what `own` says. */
export const ruleSettingsWith = (rule: string, makes: RuleOutput, own: Readonly<Record<string, unknown>>) =>
  ruleSettings(rule, makes).overwrite((given) => (given.rule === rule ? { ...own, ...given } : given));
