/** Training records of a problem and what was chosen of it. */
import {
  Example,
  messageOf,
  TrainingCompletion,
  unpackFloat32,
  type Completion,
  type JudgedProblem,
  type Pair,
  type PreferenceGroup,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** A completion by its index, or the problem's solution. */
type Chosen = number | 'solution';

/** A preference among a problem's completions. */
export interface ChosenPair {
  readonly chosen: Chosen;
  readonly rejected: number;
  /** Name of the rule that made it, where it was a stage of another. */
  readonly rule?: string;
}

/** A problem's pairs, with the completions that occur in them, each once: in their order, and the solution last. */
export function groupOf(problem: JudgedProblem, pairs: readonly ChosenPair[]): PreferenceGroup {
  const used = new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  const samples = [...used].filter((at) => at !== 'solution').sort((a, b) => a - b);
  const order: readonly Chosen[] = [...samples, ...(used.has('solution') ? (['solution'] as const) : [])];
  const positionOf = new Map(order.map((at, position) => [at, position]));
  const made = order.map((at) =>
    at === 'solution' ? solutionCompletion(problem) : trainingCompletion(problem.completions[at]!.completion!),
  );
  const placed = pairs.map(({ chosen, rejected, rule = '' }) => ({
    ...{ chosen: positionOf.get(chosen)!, rejected: positionOf.get(rejected)!, rule },
  }));
  return groupFrom(problem, made, placed);
}

/** A group of these completions. */
export const groupFrom = (
  { problemId, promptTokenIds }: JudgedProblem,
  completions: TrainingCompletion[],
  pairs: Pair[],
): PreferenceGroup => ({
  ...{ problemId, promptTokenIds, promptText: '', promptChat: undefined, completions, pairs, source: 0 },
});

/** Group that keeps its first pairs alone, and the completions of those. */
export function firstPairs(group: PreferenceGroup, most: number): PreferenceGroup {
  if (group.pairs.length <= most) return group;
  const pairs = group.pairs.slice(0, most);
  const used = new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  const order = [...used].sort((a, b) => a - b);
  const positionOf = new Map(order.map((at, position) => [at, position]));
  return {
    ...group,
    completions: order.map((at) => group.completions[at]!),
    pairs: pairs.map((pair) => ({
      ...pair,
      chosen: positionOf.get(pair.chosen)!,
      rejected: positionOf.get(pair.rejected)!,
    })),
  };
}

/** A group of samples of an earlier policy: what is known of their log-probs is not the reference's. */
export const replayed = (group: PreferenceGroup, source: number): PreferenceGroup => ({
  ...group,
  source,
  completions: group.completions.map((completion) => ({
    ...completion,
    referenceLogProb: undefined,
    sampledLogProbs: Buffer.alloc(0),
  })),
});

/** Sample index of what was not sampled. */
export const NO_SAMPLE = -1;

/** The problem's solution as training data. Its tokens are the trainer's to make, and its reference log-prob too. */
export function solutionCompletion({ problemId, problem }: JudgedProblem): TrainingCompletion {
  if (!problem?.solution) throw invalidArgument('problem.problem.solution', `must be set (problem "${problemId}")`);
  return messageOf(TrainingCompletion, { text: problem.solution, sampleIndex: NO_SAMPLE });
}

/**
 * A completion as training data. It was sampled from the reference, so the sum of its sampling log-probs is its reference log-prob, where
 * they are exact. The trainer computes that of others, and compares.
 */
export function trainingCompletion({ tokenIds, logProbs, sampleIndex, exactLogProbs }: Completion): TrainingCompletion {
  const perToken = unpackFloat32(logProbs, 'log_probs');
  const isExact = exactLogProbs && perToken.length > 0;
  const referenceLogProb = isExact ? perToken.reduce((total, logProb) => total + logProb, 0) : undefined;
  const sampledLogProbs = isExact ? Buffer.alloc(0) : logProbs;
  return { tokenIds, sampleIndex, text: '', chat: undefined, referenceLogProb, sampledLogProbs };
}

/** A completion as an example. */
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
