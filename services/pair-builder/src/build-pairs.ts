import {
  LIMITS,
  unpackInt32,
  type BuildPairsRequest,
  type BuildPairsResponse,
  type JudgedProblem,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { addToReport, emptyReport } from '@hone/rules';
import { measureUsage } from '@hone/rpc';
import { countRounded, groupOf, judgedCompletions, reportMessage, ruleOf } from './convert.ts';

/** The RPC that makes pairs. It holds one problem at a time; of earlier ones, only the ids and the sums of the report. */
export async function* buildPairs(
  requests: AsyncIterable<BuildPairsRequest>,
): AsyncGenerator<BuildPairsResponse, void, undefined> {
  const usage = measureUsage();
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  const config = first.done ? undefined : first.value.message;
  if (config?.$case !== 'config') throw invalidArgument('config', 'must be the first message of the stream');
  const { rule, settings } = ruleOf(config.value);
  const report = emptyReport(rule);
  const ids = new Set<string>();
  let sampledInt8 = 0;
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    const problem = problemOf(next.value, ids);
    const promptTokenIds = unpackInt32(problem.promptTokenIds, 'problem.prompt_token_ids');
    const completions = judgedCompletions(problem);
    const judged = { id: problem.problemId, promptTokenIds, gold: '', solution: '', completions };
    const outcome = rule.apply(judged, settings, config.value.seed);
    const { pairs = [] } = outcome;
    addToReport(report, judged, outcome);
    sampledInt8 += countRounded(problem, pairs);
    if (pairs.length > 0) yield { message: { $case: 'group', value: groupOf(problem, pairs) }, usage: undefined };
  }
  yield { message: { $case: 'report', value: reportMessage(report, sampledInt8) }, usage: usage() };
}

/** The problem of a message, which must be the only one with its id. */
function problemOf({ message }: BuildPairsRequest, ids: Set<string>): JudgedProblem {
  if (message?.$case === 'config') throw invalidArgument('config', 'must come once only, as the first message');
  if (message?.$case !== 'problem') throw invalidArgument('message', 'must be a problem');
  const { problemId, completions } = message.value;
  if (problemId === '') throw invalidArgument('problem.problem_id', 'must not be empty');
  if (ids.has(problemId)) throw invalidArgument('problem.problem_id', `"${problemId}" occurs twice in the stream`);
  if (completions.length === 0) {
    throw invalidArgument('problem.completions', `must not be empty (problem "${problemId}")`);
  }
  if (completions.length > LIMITS.samplesPerProblem) {
    const rule = `must be at most ${LIMITS.samplesPerProblem}, but are ${completions.length} (problem "${problemId}")`;
    throw invalidArgument('problem.completions', rule);
  }
  ids.add(problemId);
  return message.value;
}
