/** The contract's words for rules in those of the library, and back. */
import {
  FinishReason,
  PreferenceChoice,
  RuleOutput,
  unpackFloat32,
  unpackInt32,
  VerdictState,
  type Comparison,
  type Completion,
  type JudgedProblem,
  type Rule as RuleMessage,
  type RuleReport,
  type Verdict,
} from '@hone/contracts';
import { groupOf, sampleExample, solutionExample, type PairFigures, type TrainingRecord } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import type {
  JudgedComparison,
  JudgedCompletion,
  JudgedProblem as RuleProblem,
  Needs,
  Outcome,
  Report,
  Rule,
} from '@hone/rules';
import { schemaOf } from '@hone/settings';

const OUTPUTS = {
  pairs: RuleOutput.PAIRS,
  examples: RuleOutput.EXAMPLES,
  advantages: RuleOutput.ADVANTAGES,
} as const;

/** A rule for the wire. */
export function ruleMessage({ name, version, summary, source, settings, produces, needs }: Rule): RuleMessage {
  const settingsSchemaJson = JSON.stringify(schemaOf(settings));
  return {
    name,
    version,
    summary,
    source,
    settingsSchemaJson,
    produces: OUTPUTS[produces],
    needs: { completions: false, comparisons: false, ...needs },
  };
}

const STATES: Readonly<Record<VerdictState, JudgedCompletion['state'] | undefined>> = {
  [VerdictState.UNSPECIFIED]: undefined,
  [VerdictState.SCORED]: 'SCORED',
  [VerdictState.UNSCORABLE]: 'UNSCORABLE',
  [VerdictState.TRUNCATED]: 'TRUNCATED',
  [VerdictState.ERROR]: 'ERROR',
};

/** Stands for the verdict where a rule needs none. */
const UNJUDGED = 'unjudged';
const NO_VERDICT = { score: 0, extractedAnswer: '' };

/** What a rule knows of a problem. */
export function judgedProblem(message: JudgedProblem, needs: Needs): RuleProblem {
  const { problemId: id, promptTokenIds, problem } = message;
  return {
    id,
    promptTokenIds: unpackInt32(promptTokenIds, 'problem.prompt_token_ids'),
    gold: problem?.gold ?? '',
    solution: problem?.solution ?? '',
    completions: needs.verdicts || needs.completions ? judgedCompletions(message, needs) : [],
    ...(needs.comparisons && { comparisons: judgedComparisons(message) }),
  };
}

const CHOICES: Readonly<Record<PreferenceChoice, JudgedComparison['judgements'][number]['choice'] | undefined>> = {
  [PreferenceChoice.UNSPECIFIED]: undefined,
  [PreferenceChoice.A]: 'A',
  [PreferenceChoice.B]: 'B',
  [PreferenceChoice.TIE]: 'TIE',
  [PreferenceChoice.NEITHER]: 'NEITHER',
};

function judgedComparisons({ problemId, completions, comparisons }: JudgedProblem): JudgedComparison[] {
  const positions = new Map(completions.map(({ completion }, position) => [completion?.sampleIndex, position]));
  return comparisons.map((comparison, index) => {
    const field = `problem.comparisons[${index}]`;
    const positionOf = (side: 'a' | 'b'): number => {
      const position = positions.get(comparison[side]);
      if (position !== undefined) return position;
      const rule = `must be the sample_index of a completion, but is ${comparison[side]} (problem "${problemId}")`;
      throw invalidArgument(`${field}.${side}`, rule);
    };
    const [a, b] = [positionOf('a'), positionOf('b')];
    if (a === b) throw invalidArgument(`${field}.b`, `must be another completion than a (problem "${problemId}")`);
    return { a, b, judgements: judgementsOf(comparison, field, problemId) };
  });
}

function judgementsOf({ judgements }: Comparison, field: string, problemId: string): JudgedComparison['judgements'] {
  return judgements.map(({ annotator, choice: said }, index) => {
    const choice = CHOICES[said];
    if (!choice) throw invalidArgument(`${field}.judgements[${index}].choice`, `must be set (problem "${problemId}")`);
    return { annotator, choice };
  });
}

function judgedCompletions({ problemId, completions }: JudgedProblem, needs: Needs): JudgedCompletion[] {
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
    return judgedCompletion(completion, needs.verdicts ? verdict : UNJUDGED, field, problemId);
  });
}

function judgedCompletion(
  { tokenIds, logProbs, text, finishReason }: Completion,
  verdict: Verdict | typeof UNJUDGED | undefined,
  field: string,
  problemId: string,
): JudgedCompletion {
  const state = verdict === UNJUDGED ? 'UNJUDGED' : verdict && STATES[verdict.state];
  if (!state) throw invalidArgument(`${field}.verdict`, `must be set, with its state (problem "${problemId}")`);
  const ids = unpackInt32(tokenIds, `${field}.completion.token_ids`);
  if (ids.length === 0) {
    throw invalidArgument(`${field}.completion.token_ids`, `must not be empty (problem "${problemId}")`);
  }
  const perToken = unpackFloat32(logProbs, `${field}.completion.log_probs`);
  const { length } = perToken;
  if (length !== 0 && length !== ids.length) {
    const rule = `must have one for each of the ${ids.length} tokens, or none at all, but has ${length}`;
    throw invalidArgument(`${field}.completion.log_probs`, `${rule} (problem "${problemId}")`);
  }
  const { score, extractedAnswer } = verdict === UNJUDGED ? NO_VERDICT : verdict!;
  const logProb = length === 0 ? undefined : perToken.reduce((total, one) => total + one, 0);
  return {
    ...{ tokenIds: ids, text, state, score, answer: extractedAnswer },
    truncated: finishReason === FinishReason.LENGTH,
    ...(logProb !== undefined && { logProb }),
  };
}

/** What was made of a problem, ready to be stored. */
export function* recordsOf(
  problem: JudgedProblem,
  { pairs = [], examples = [], advantages = [] }: Outcome,
): Generator<TrainingRecord> {
  if (pairs.length > 0) yield { $case: 'group', value: groupOf(problem, pairs) };
  for (const of of examples) {
    const value = of === 'solution' ? solutionExample(problem) : sampleExample(problem, of);
    yield { $case: 'example', value };
  }
  for (const { completion, advantage } of advantages)
    yield { $case: 'example', value: sampleExample(problem, completion, advantage) };
}

/** The report for the wire. */
export const reportMessage = (
  report: Report,
  figures: ReturnType<PairFigures['figures']>,
  settings: RuleReport['settings'],
): RuleReport => ({ ...report, ...figures, settings });
