/** Filters and cuts are stages of others. Alone, they stand before or behind the paper's rule with its defaults. */
import { readSettings, type SettingsSchema } from '@hone/settings';
import { cycle } from '../rules/cycle.ts';
import { defineRule, type Rule } from '../rule.ts';
import { inOrder, type Stage } from './in-order.ts';

type Described<Schema extends SettingsSchema> = Omit<Rule<Schema>, 'apply' | 'produces' | 'filter' | 'cut'>;

const paper: Stage = { rule: cycle as unknown as Rule, settings: readSettings(cycle.settings, {}, 'cycle') };

/** A rule that says which completions the stages behind it see. */
export const defineFilter = <Schema extends SettingsSchema>(
  described: Described<Schema> & Required<Pick<Rule<Schema>, 'filter'>>,
): Rule<Schema> => {
  const rule: Rule<Schema> = defineRule({
    ...described,
    produces: 'pairs',
    apply: (problem, settings, seed) => inOrder([stageOf(rule, settings), paper], problem, seed),
  });
  return rule;
};

/** A rule that says which pairs of the stages before it are left. */
export const defineCut = <Schema extends SettingsSchema>(
  described: Described<Schema> & Required<Pick<Rule<Schema>, 'cut'>>,
): Rule<Schema> => {
  const rule: Rule<Schema> = defineRule({
    ...described,
    produces: 'pairs',
    apply: (problem, settings, seed) => inOrder([paper, stageOf(rule, settings)], problem, seed),
  });
  return rule;
};

const stageOf = <Schema extends SettingsSchema>(rule: Rule<Schema>, settings: unknown): Stage => ({
  rule: rule as unknown as Rule,
  settings: settings as Stage['settings'],
});
