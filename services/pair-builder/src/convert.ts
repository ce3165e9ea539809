/** The contract's words for rules in those of the library, and back. */
import {
  FinishReason,
  RuleOutput,
  unpackFloat32,
  unpackInt32,
  VerdictState,
  type Completion,
  type JudgedProblem,
  type Rule as RuleMessage,
  type RuleReport,
  type Verdict,
} from '@hone/contracts';
import { countInexact, groupOf, sampleExample, solutionExample, usedIn, type TrainingRecord } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import type { JudgedCompletion, JudgedProblem as RuleProblem, Outcome, Report, Rule } from '@hone/rules';
import { schemaOf } from '@hone/settings';

const OUTPUTS = { pairs: RuleOutput.PAIRS, examples: RuleOutput.EXAMPLES } as const;

/** A rule for the wire. */
export function ruleMessage({ name, version, summary, source, settings, produces, needs }: Rule): RuleMessage {
  const settingsSchemaJson = JSON.stringify(schemaOf(settings));
  return { name, version, summary, source, settingsSchemaJson, produces: OUTPUTS[produces], needs: { ...needs } };
}

const STATES: Readonly<Record<VerdictState, JudgedCompletion['state'] | undefined>> = {
  [VerdictState.UNSPECIFIED]: undefined,
  [VerdictState.SCORED]: 'SCORED',
  [VerdictState.UNSCORABLE]: 'UNSCORABLE',
  [VerdictState.TRUNCATED]: 'TRUNCATED',
  [VerdictState.ERROR]: 'ERROR',
};

/** What a rule knows of a problem. */
export function judgedProblem(message: JudgedProblem, { needs }: Rule): RuleProblem {
  const { problemId: id, promptTokenIds, problem } = message;
  return {
    id,
    promptTokenIds: unpackInt32(promptTokenIds, 'problem.prompt_token_ids'),
    gold: problem?.gold ?? '',
    solution: problem?.solution ?? '',
    completions: needs.verdicts ? judgedCompletions(message) : [],
  };
}

function judgedCompletions({ problemId, completions }: JudgedProblem): JudgedCompletion[] {
  const indices = new Set<number>();
  return completions.map(({ completion, verdict }, index) => {
    const field = `problem.completions[${index}]`;
    if (!completion) throw invalidArgument(`${field}.completion`, `must be set (problem "${problemId}")`);
    const { sampleIndex } = completion;
    if (indices.has(sampleIndex)) {
      const rule = `must differ between completions, but ${sampleIndex} comes again (problem "${problemId}")`;
      throw invalidArgument(`${field}.completion.sample_index`, rule);
    }
    indices.add(sampleIndex);
    return judgedCompletion(completion, verdict, field, problemId);
  });
}

function judgedCompletion(
  { tokenIds, logProbs, text, finishReason }: Completion,
  verdict: Verdict | undefined,
  field: string,
  problemId: string,
): JudgedCompletion {
  const state = verdict && STATES[verdict.state];
  if (!state) throw invalidArgument(`${field}.verdict`, `must be set, with its state (problem "${problemId}")`);
  const ids = unpackInt32(tokenIds, `${field}.completion.token_ids`);
  if (ids.length === 0) {
    throw invalidArgument(`${field}.completion.token_ids`, `must not be empty (problem "${problemId}")`);
  }
  const { length } = unpackFloat32(logProbs, `${field}.completion.log_probs`);
  if (length !== 0 && length !== ids.length) {
    const rule = `must have one for each of the ${ids.length} tokens, or none at all, but has ${length}`;
    throw invalidArgument(`${field}.completion.log_probs`, `${rule} (problem "${problemId}")`);
  }
  return { tokenIds: ids, text, state, score: verdict.score, truncated: finishReason === FinishReason.LENGTH };
}

/** What was made of a problem, ready to be stored. */
export function* recordsOf(problem: JudgedProblem, { pairs = [], examples = [] }: Outcome): Generator<TrainingRecord> {
  if (pairs.length > 0) yield { $case: 'group', value: groupOf(problem, pairs) };
  for (const of of examples) {
    const value = of === 'solution' ? solutionExample(problem) : sampleExample(problem, of);
    yield { $case: 'example', value };
  }
}

/** How many of a problem's completions that occur in pairs have log-probs that are not exact. */
export const inexactIn = ({ completions }: JudgedProblem, { pairs = [] }: Outcome): number =>
  countInexact(usedIn(pairs).map((index) => completions[index]!.completion!));

/** The report for the wire. */
export function reportMessage(
  report: Report,
  { inexactLogProbs, settings }: Pick<RuleReport, 'inexactLogProbs' | 'settings'>,
): RuleReport {
  return { ...report, inexactLogProbs, settings };
}
