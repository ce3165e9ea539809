import { LIMITS, type BuildPairsRequest, type BuildPairsResponse, type JudgedProblem } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { addToReport, cyclePairs, emptyReport } from '@hone/preference';
import { measureUsage } from '@hone/rpc';
import { countRounded, groupOf, judgedCompletions, pairOptions, reportMessage } from './convert.ts';

/** The RPC that makes pairs. It holds one problem at a time; of earlier ones, only the ids and the sums of the report. */
export async function* buildPairs(
  requests: AsyncIterable<BuildPairsRequest>,
): AsyncGenerator<BuildPairsResponse, void, undefined> {
  const usage = measureUsage();
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  const config = first.done ? undefined : first.value.message;
  if (config?.$case !== 'config') throw invalidArgument('config', 'must be the first message of the stream');
  const options = pairOptions(config.value);
  const report = emptyReport();
  const ids = new Set<string>();
  let sampledInt8 = 0;
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    const problem = problemOf(next.value, ids);
    const completions = judgedCompletions(problem);
    const result = cyclePairs(problem.problemId, completions, options);
    addToReport(report, completions, result);
    sampledInt8 += countRounded(problem, result.pairs);
    if (result.pairs.length > 0) {
      yield { message: { $case: 'group', value: groupOf(problem, result.pairs) }, usage: undefined };
    }
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
