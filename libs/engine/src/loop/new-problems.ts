/** Which of the texts that a model wrote become problems. */
import { FinishReason, JudgedProblem, messageOf, Problem, WriteResult } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { answerOnly } from '@hone/grading';
import { lastTurn, withLastTurn } from './last-turn.ts';
import type { ProblemRequest } from './problem-requests.ts';

/** New problems, and what became of what was written. */
export interface NewProblems {
  readonly problems: readonly Problem[];
  readonly result: WriteResult;
}

/** Two texts are one problem where they differ by case and white space alone. */
const sameness = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * The problems among what was written, in the order of the requests: what ended by itself, says something behind its thoughts, and is not
 * there already. They have no gold answer. `written` are JudgedProblems with one completion each, `known` the run's own Problems.
 */
export async function newProblems(
  written: AsyncIterable<unknown>,
  requests: readonly ProblemRequest[],
  known: AsyncIterable<unknown>,
): Promise<NewProblems> {
  const result = WriteResult.fromPartial({ asked: requests.length });
  const found = new Map<string, Problem>();
  let at = 0;
  for await (const row of written) {
    const request = requests[at++]!;
    const { text, finishReason } = JudgedProblem.fromJSON(row).completions[0]!.completion!;
    const said = answerOnly(text, false).text.trim();
    if (finishReason === FinishReason.LENGTH) result.truncated += 1;
    else if (said === '') result.empty += 1;
    else if (found.has(sameness(said))) result.repeated += 1;
    else found.set(sameness(said), problemOf(request, said));
  }
  result.repeated += await removeKnown(found, known);
  result.problems = found.size;
  return { problems: [...found.values()], result };
}

function problemOf({ prompt: { id }, like }: ProblemRequest, said: string): Problem {
  return messageOf(Problem, { id, prompt: withLastTurn({ ...like, id }, said) });
}

/** Takes out what is one of the run's own; gives how many that were. */
async function removeKnown(found: Map<string, Problem>, known: AsyncIterable<unknown>): Promise<number> {
  const before = found.size;
  const ids = new Set([...found.values()].map(({ id }) => id));
  for await (const row of known) {
    const { id, prompt } = Problem.fromJSON(row);
    if (ids.has(id))
      throw invalidArgument('spec.train_problem_set', `must have no problem "${id}": new ones are named so`);
    found.delete(sameness(lastTurn(prompt!, 'new problems')));
  }
  return before - found.size;
}
