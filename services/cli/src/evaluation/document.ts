/** The result of an evaluation as a document for programs. */
import {
  ScorerCombination,
  VerdictState,
  type AtK,
  type Estimate,
  type Evaluation,
  type GroupResult,
  type ListOutcomesResponse,
  type MajorityResult,
  type Outcome,
  type Proportion,
  type VerdictCounts,
} from '@hone/contracts';
import type { Comparison } from '@hone/statistics';

/** What was evaluated, beside what the evaluation itself says. */
export interface Subject {
  readonly benchmark: string;
  readonly split: string;
  readonly prompt: string;
  readonly shots: number;
  /** Model or checkpoint as it was named. */
  readonly model: string;
  readonly dataDigest: string;
}

export interface ShareDocument {
  readonly accuracy: number;
  readonly correct: number;
  readonly total: number;
  /** Wilson, 95 %. */
  readonly interval: readonly [number, number];
}

export interface EstimateDocument {
  readonly value: number;
  readonly standard_error: number;
  /** Bootstrap over problems, 95 %. */
  readonly interval: readonly [number, number];
}

const share = ({ accuracy, correct, total, lower, upper }: Proportion): ShareDocument => ({
  accuracy,
  correct,
  total,
  interval: [lower, upper],
});

const estimate = ({ value, standardError, lower, upper }: Estimate): EstimateDocument => ({
  value,
  standard_error: standardError,
  interval: [lower, upper],
});

/** Completions by verdict, and as shares of all. */
export function countsDocument(counts: VerdictCounts) {
  const { correct, wrong, unscorable, truncated, error } = counts;
  const total = correct + wrong + unscorable + truncated + error;
  const of = (count: number): number => (total === 0 ? 0 : count / total);
  return {
    total,
    ...{ correct, wrong, unscorable, truncated, error },
    shares: {
      completed: of(total - truncated - error),
      scored: of(correct + wrong),
      unscorable: of(unscorable),
      truncated: of(truncated),
      error: of(error),
    },
  };
}

const atKDocument = ({ k, pass, majority, majorityStandardError, problems }: AtK) => ({
  k,
  problems,
  pass: estimate(pass!),
  majority: estimate(majority!),
  majority_monte_carlo_standard_error: majorityStandardError,
});

const majorityDocument = ({ k, accuracy, sampleAccuracy, completions }: MajorityResult) => ({
  k,
  ...share(accuracy!),
  sample_accuracy: sampleAccuracy,
  completions: countsDocument(completions!),
});

const groupDocument = ({ name, greedy, greedyCompletions, majority, sampleAccuracy }: GroupResult) => ({
  name,
  ...(greedy && { greedy: share(greedy) }),
  ...(greedyCompletions && { greedy_completions: countsDocument(greedyCompletions) }),
  ...(majority && { majority: share(majority), sample_accuracy: sampleAccuracy }),
});

const stateName = (state: VerdictState): string => state.replace('VERDICT_STATE_', '').toLowerCase();
const outcomeDocument = ({ state, answer, right }: Outcome) => ({
  state: stateName(state),
  ...(answer !== '' && { answer }),
  right,
});

const outcomesDocument = ({ problemId, greedy, votes, subject, level }: ListOutcomesResponse) => ({
  id: problemId,
  ...(subject !== '' && { subject }),
  ...(level !== '' && { level }),
  ...(greedy && { greedy: outcomeDocument(greedy) }),
  ...(votes.length > 0 && { votes: votes.map(outcomeDocument) }),
});

/** A comparison of another result, the first, with this one, the second. */
export const comparisonDocument = ({ differences, mcNemar }: Comparison) => ({
  differences: differences.map(({ measure, problems, first, second, difference, standardError, interval }) => ({
    measure,
    problems,
    this: second,
    other: first,
    // this - other.
    difference,
    standard_error: standardError,
    interval: [interval.lower, interval.upper] as const,
  })),
  ...(mcNemar && {
    mcnemar: { this_only: mcNemar.secondOnly, other_only: mcNemar.firstOnly, p_value: mcNemar.pValue },
  }),
});

/** Who judged: one scorer with its settings, or several that combine. */
function scorerDocument({ scorer, scorerVersion: version }: Evaluation) {
  const { name = '', address = '', config = {}, combination } = scorer ?? {};
  return {
    name: combination ? combination.scorers.map((single) => single.name).join('+') : name,
    ...(address !== '' && { address }),
    ...(Object.keys(config).length > 0 && { config }),
    ...(combination && { combination: ScorerCombination.toJSON(combination) as object }),
    version,
  };
}

/** Everything that was measured, with all that it was measured with. */
export function resultDocument(subject: Subject, evaluation: Evaluation, outcomes: readonly ListOutcomesResponse[]) {
  const { spec, greedy, greedyBootstrap, greedyCompletions, majority, usage } = evaluation;
  const voting = spec?.majority;
  return {
    evaluation: evaluation.name,
    benchmark: subject.benchmark,
    split: subject.split,
    prompt: subject.prompt,
    shots: subject.shots,
    model: subject.model,
    checkpoint: evaluation.checkpoint,
    problem_set: evaluation.problemSet,
    data_digest: subject.dataDigest,
    template_digests: evaluation.templateDigests,
    scorer: scorerDocument(evaluation),
    seed: String(evaluation.seed),
    hone_version: process.env.HONE_VERSION ?? 'unbuilt',
    max_tokens: spec?.maxTokens ?? 0,
    ...(spec && spec.stop.length > 0 && { stop: spec.stop }),
    ...(voting &&
      voting.k > 0 && {
        voting: {
          k: voting.k,
          samples: voting.samples || voting.k,
          temperature: voting.sampling?.temperature,
          top_k: voting.sampling?.topK,
          top_p: voting.sampling?.topP,
        },
      }),
    problems: outcomes.length,
    ...(greedy && {
      greedy: { ...share(greedy), ...(greedyBootstrap && { bootstrap: estimate(greedyBootstrap) }) },
    }),
    ...(greedyCompletions && { greedy_completions: countsDocument(greedyCompletions) }),
    ...(majority && { majority: majorityDocument(majority) }),
    ...(evaluation.atK.length > 0 && { at_k: evaluation.atK.map(atKDocument) }),
    ...(evaluation.subjects.length > 0 && { subjects: evaluation.subjects.map(groupDocument) }),
    ...(evaluation.levels.length > 0 && { levels: evaluation.levels.map(groupDocument) }),
    usage: {
      seconds: usage?.seconds ?? 0,
      cpu_seconds: usage?.cpuSeconds ?? 0,
      peak_memory_bytes: Number(usage?.peakMemoryBytes ?? 0n),
      tokens: Number(usage?.tokens ?? 0n),
    },
    outcomes: outcomes.map(outcomesDocument),
  };
}

export type ResultDocument = ReturnType<typeof resultDocument> & {
  readonly comparison?: ReturnType<typeof comparisonDocument> & { readonly with: string };
};
