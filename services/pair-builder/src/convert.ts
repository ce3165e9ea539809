/** The contract's words for pairs in those of the library, and back. */
import {
  FinishReason,
  LIMITS,
  UnscorablePolicy,
  unpackFloat32,
  unpackInt32,
  VerdictState,
  WeightPrecision,
  type Completion,
  type JudgedProblem,
  type PairConfig,
  type PairReport as PairReportMessage,
  type PreferenceGroup,
  type TrainingCompletion,
  type Verdict,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { findRule, type JudgedCompletion, type Pair, type Report, type Rule } from '@hone/rules';

const RULES = ['', 'cycle'];

/** The rule and its settings, checked. */
export function ruleOf({ rule, pairsPerProblem, unscorable, truncatedLose }: PairConfig): {
  readonly rule: Rule;
  readonly settings: Record<string, unknown>;
} {
  if (!RULES.includes(rule)) throw invalidArgument('config.rule', `must be "cycle" or empty, but is "${rule}"`);
  if (!(pairsPerProblem >= 1 && pairsPerProblem <= LIMITS.pairsPerProblem)) {
    const range = `must be from 1 to ${LIMITS.pairsPerProblem}, but is ${pairsPerProblem}`;
    throw invalidArgument('config.pairs_per_problem', range);
  }
  const settings = {
    per_problem: pairsPerProblem,
    unscorable: unscorable === UnscorablePolicy.DROP ? 'drop' : 'loser',
    truncated_lose: truncatedLose,
  };
  return { rule: findRule('cycle')!, settings };
}

const STATES: Readonly<Record<VerdictState, JudgedCompletion['state'] | undefined>> = {
  [VerdictState.UNSPECIFIED]: undefined,
  [VerdictState.SCORED]: 'SCORED',
  [VerdictState.UNSCORABLE]: 'UNSCORABLE',
  [VerdictState.TRUNCATED]: 'TRUNCATED',
  [VerdictState.ERROR]: 'ERROR',
};

/** What the rule must know of a problem's completions. */
export function judgedCompletions({ problemId, completions }: JudgedProblem): JudgedCompletion[] {
  return completions.map(({ completion, verdict }, index) => {
    const field = `problem.completions[${index}]`;
    if (!completion) throw invalidArgument(`${field}.completion`, `must be set (problem "${problemId}")`);
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

/** A problem's pairs with the completions that occur in them, each once. */
export function groupOf(
  { problemId, promptTokenIds, completions }: JudgedProblem,
  pairs: readonly Pair[],
): PreferenceGroup {
  const used = [...new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]))].sort((a, b) => a - b);
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

const isRounded = (precision: WeightPrecision): boolean => precision === WeightPrecision.INT8;

/** How many of a problem's completions that occur in pairs were sampled from rounded weights. */
export function countRounded({ completions }: JudgedProblem, pairs: readonly Pair[]): number {
  const used = new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  return [...used].filter((index) => isRounded(completions[index]!.completion!.weightPrecision)).length;
}

/**
 * A completion as training data. It was sampled from the reference, so the sum of its sampling log-probs is its reference
 * log-prob; a completion without them gets it from the trainer.
 */
function trainingCompletion({ tokenIds, logProbs, sampleIndex, weightPrecision }: Completion): TrainingCompletion {
  const perToken = unpackFloat32(logProbs, 'log_probs');
  const sum = perToken.reduce((total, logProb) => total + logProb, 0);
  // Log-probs of rounded weights are not the reference's.
  const exact = perToken.length > 0 && !isRounded(weightPrecision);
  return { tokenIds, sampleIndex, text: '', chat: undefined, referenceLogProb: exact ? sum : undefined };
}

/** The report for the wire. */
export function reportMessage(
  { dropped, problemsUsed, examples: _, ...report }: Report,
  sampledInt8: number,
): PairReportMessage {
  return {
    ...report,
    problemsWithPairs: problemsUsed,
    sampledInt8,
    droppedDuplicates: dropped['duplicates'] ?? 0,
    droppedTruncated: dropped['truncated'] ?? 0,
    droppedUnscorable: dropped['unscorable'] ?? 0,
    droppedErrors: dropped['errors'] ?? 0,
    droppedTies: dropped['ties'] ?? 0,
  };
}
