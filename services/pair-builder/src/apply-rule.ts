import type { ApplyRuleRequest, ApplyRuleResponse, JudgedProblem } from '@hone/contracts';
import { PairFigures } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import { LIMITS } from '@hone/limits';
import { measureUsage } from '@hone/rpc';
import { addToReport, emptyReport, findRule, RULES, type Needs, type Rule } from '@hone/rules';
import { readSettings } from '@hone/settings';
import { judgedProblem, recordsOf, reportMessage } from './convert.ts';

/** The RPC that applies a rule of this server. It holds one problem at a time; of earlier ones, only the ids and the sums of the report. */
export async function* applyRule(
  requests: AsyncIterable<ApplyRuleRequest>,
): AsyncGenerator<ApplyRuleResponse, void, undefined> {
  const usage = measureUsage();
  const messages = requests[Symbol.asyncIterator]();
  try {
    const first = await messages.next();
    const config = first.done ? undefined : first.value.message;
    if (config?.$case !== 'config') throw invalidArgument('config', 'must be the first message of the stream');
    const rule = ruleOf(config.value.rule);
    const settings = readSettings(rule.settings, config.value.settings ?? {}, 'config.settings');
    const needs = rule.needsWith?.(settings) ?? rule.needs;
    const report = emptyReport(rule);
    const ids = new Set<string>();
    const made = new PairFigures();
    for (let next = await messages.next(); !next.done; next = await messages.next()) {
      const message = problemOf(next.value, ids, rule.name, needs);
      const problem = judgedProblem(message, needs);
      const outcome = rule.apply(problem, settings, config.value.seed);
      addToReport(report, problem, outcome);
      for (const record of recordsOf(message, outcome)) {
        if (record.$case === 'group') made.add(record.value);
        yield { message: record, usage: undefined };
      }
    }
    const value = reportMessage(report, made.figures(), settings);
    yield { message: { $case: 'report', value }, usage: usage() };
  } finally {
    await messages.return?.();
  }
}

function ruleOf(name: string): Rule {
  const rule = findRule(name);
  if (rule) return rule;
  const names = RULES.map((known) => known.name).join(', ');
  throw invalidArgument('config.rule', `must be one of ${names}, but is "${name}"`);
}

/** The problem of a message, which must be the only one with its id. */
function problemOf({ message }: ApplyRuleRequest, ids: Set<string>, name: string, needs: Needs): JudgedProblem {
  if (message?.$case === 'config') throw invalidArgument('config', 'must come once only, as the first message');
  if (message?.$case !== 'problem') throw invalidArgument('message', 'must be a problem');
  const { problemId, completions, problem } = message.value;
  const of = `(problem "${problemId}")`;
  if (problemId === '') throw invalidArgument('problem.problem_id', 'must not be empty');
  if (ids.has(problemId)) throw invalidArgument('problem.problem_id', `"${problemId}" occurs twice in the stream`);
  if ((needs.verdicts || needs.completions) && completions.length === 0)
    throw invalidArgument('problem.completions', `must not be empty ${of}`);
  if (completions.length > LIMITS.samplesPerProblem) {
    const rule = `must be at most ${LIMITS.samplesPerProblem}, but are ${completions.length} ${of}`;
    throw invalidArgument('problem.completions', rule);
  }
  if (needs.solutions && !problem)
    throw invalidArgument('problem.problem', `must be set: the rule ${name} needs solutions ${of}`);
  ids.add(problemId);
  return message.value;
}
