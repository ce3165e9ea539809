/**
 * Rules in an order: filters leave fewer completions to the stages behind them, pair rules add pairs that are not there yet, and cuts leave
 * fewer of the pairs so far. Stages are rules of this library; each one's settings are checked by its own schema.
 */
import { LIMITS } from '@hone/limits';
import { registered, violationsOf } from '@hone/settings';
import { z } from 'zod';
import * as found from './generated/rules.ts';
import { inOrder, type Stage } from './parts/in-order.ts';
import { defineRule, type Rule } from './rule.ts';

/** What can be a stage: whatever makes pairs of what was judged by a scorer, or chooses among them or what they are made of. */
const RULES = registered<Rule>(found).filter(({ produces, needs }) => produces === 'pairs' && !needs.comparisons);
const ruleOf = (name: string): Rule => RULES.find((rule) => rule.name === name)!;

const stage = z
  .looseObject({
    rule: z
      .enum(RULES.map(({ name }) => name))
      .describe('Name of the rule; the keys beside it are its settings. It is one of those that make pairs.'),
  })
  .overwrite(({ rule, ...given }) => {
    const read = ruleOf(rule).settings.safeParse(given);
    return { rule, ...(read.success ? read.data : given) };
  })
  .check(({ value: { rule, ...given }, issues }) => {
    for (const { field, description } of violationsOf(ruleOf(rule).settings, given))
      issues.push({ code: 'custom', message: description, path: [field], input: given });
  });

const stagesOf = (given: readonly z.output<typeof stage>[]): Stage[] =>
  given.map(({ rule, ...settings }) => ({ rule: ruleOf(rule), settings }));

const makesPairs = ({ rule: { filter, cut } }: Stage): boolean => !filter && !cut;

export const combine = defineRule({
  name: 'combine',
  version: 1,
  summary: 'Several rules in an order: filters, pair rules that add up, and cuts.',
  source: 'docs/rules.md',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    stages: z
      .array(stage)
      .min(1)
      .max(LIMITS.ruleStages)
      .refine(
        (stages) => stagesOf(stages).some(makesPairs),
        'must have a rule that makes pairs, not filters and cuts alone',
      )
      .prefault([{ rule: 'cycle' }])
      .describe('The rules in their order, each with its settings.'),
  }),
  needsWith: ({ stages }) => ({
    verdicts: true,
    solutions: stagesOf(stages).some(({ rule }) => rule.needs.solutions),
  }),
  apply: (problem, { stages }, seed) => inOrder(stagesOf(stages), problem, seed),
});
