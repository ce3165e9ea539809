/** The contract's words for rules in those of the library, and back. */
import {
  Example,
  FinishReason,
  messageOf,
  RuleOutput,
  unpackFloat32,
  unpackInt32,
  VerdictState,
  WeightPrecision,
  type Completion,
  type JudgedProblem,
  type PreferenceGroup,
  type Rule as RuleMessage,
  type RuleReport,
  type TrainingCompletion,
  type Verdict,
} from '@hone/contracts';
import type { TrainingRecord } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import type { JudgedCompletion, JudgedProblem as RuleProblem, Outcome, Pair, Report, Rule } from '@hone/rules';
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

/** A problem's pairs with the completions that occur in them, each once. */
function groupOf({ problemId, promptTokenIds, completions }: JudgedProblem, pairs: readonly Pair[]): PreferenceGroup {
  const used = usedIn(pairs).sort((a, b) => a - b);
  const place = new Map(used.map((index, position) => [index, position]));
  return {
    problemId,
    promptTokenIds,
    promptText: '',
    promptChat: undefined,
    completions: used.map((index) => trainingCompletion(completions[index]!.completion!)),
    pairs: pairs.map(({ chosen, rejected }) => ({ chosen: place.get(chosen)!, rejected: place.get(rejected)! })),
  };
}

const usedIn = (pairs: readonly Pair[]): number[] => [
  ...new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected])),
];

/** Whether a completion was sampled from rounded weights. */
export const isRounded = ({ weightPrecision }: Completion): boolean => weightPrecision === WeightPrecision.INT8;

/** How many of a problem's completions that occur in pairs were sampled from rounded weights. */
export const countRounded = ({ completions }: JudgedProblem, { pairs = [] }: Outcome): number =>
  usedIn(pairs).filter((index) => isRounded(completions[index]!.completion!)).length;

/**
 * A completion as training data. It was sampled from the reference, so the sum of its sampling log-probs is its reference
 * log-prob; a completion without them gets it from the trainer.
 */
export function trainingCompletion(completion: Completion): TrainingCompletion {
  const { tokenIds, logProbs, sampleIndex } = completion;
  const perToken = unpackFloat32(logProbs, 'log_probs');
  const sum = perToken.reduce((total, logProb) => total + logProb, 0);
  // Log-probs of rounded weights are not the reference's.
  const exact = perToken.length > 0 && !isRounded(completion);
  return { tokenIds, sampleIndex, text: '', chat: undefined, referenceLogProb: exact ? sum : undefined };
}

export function sampleExample({ problemId, promptTokenIds, completions }: JudgedProblem, index: number): Example {
  const { tokenIds, sampleIndex } = completions[index]!.completion!;
  const id = `${problemId}#${sampleIndex}`;
  return messageOf(Example, { id, promptTokenIds, completionTokenIds: tokenIds });
}

/** The problem's solution behind its prompt, in the form that the prompt has. */
export function solutionExample({ problemId: id, problem }: JudgedProblem): Example {
  const { prompt, solution } = problem!;
  const content = prompt?.content;
  if (content?.$case === 'text') return messageOf(Example, { id, promptText: content.value, completionText: solution });
  if (content?.$case === 'chat') {
    const completionChat = { messages: [{ role: 'assistant', content: solution }] };
    return messageOf(Example, { id, promptChat: content.value, completionChat });
  }
  const rule = `must be text or a chat: the solution is text, which cannot follow ready token ids (problem "${id}")`;
  throw invalidArgument('problem.problem.prompt', rule);
}

/** The report for the wire. */
export function reportMessage(
  report: Report,
  { sampledInt8, settings }: Pick<RuleReport, 'sampledInt8' | 'settings'>,
): RuleReport {
  return { ...report, sampledInt8, settings };
}
