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

/** What occurs in pairs, each once: by its index, and the solution last. */
function usedIn<C extends Chosen>(pairs: readonly { readonly chosen: C; readonly rejected: number }[]): (C | number)[] {
  const rank = (one: Chosen): number => (one === 'solution' ? Infinity : one);
  const used = new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  return [...used].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** The pairs by the positions of what they name. */
function placed(pairs: readonly ChosenPair[], order: readonly Chosen[]): Pair[] {
  const positionOf = new Map(order.map((at, position) => [at, position]));
  return pairs.map(({ chosen, rejected, rule = '' }) => ({
    ...{ chosen: positionOf.get(chosen)!, rejected: positionOf.get(rejected)!, rule },
  }));
}

/** A problem's pairs, with the completions that occur in them, each once: in their order, and the solution last. */
export function groupOf(problem: JudgedProblem, pairs: readonly ChosenPair[]): PreferenceGroup {
  const order = usedIn(pairs);
  const made = order.map((at) =>
    at === 'solution' ? solutionCompletion(problem) : trainingCompletion(problem.completions[at]!.completion!),
  );
  return groupFrom(problem, made, placed(pairs, order));
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
  const order = usedIn(pairs);
  return { ...group, completions: order.map((at) => group.completions[at]!), pairs: placed(pairs, order) };
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

/** A completion as an example, with its advantage where it has one. */
export function sampleExample(
  { problemId, promptTokenIds, completions }: JudgedProblem,
  index: number,
  advantage?: number,
): Example {
  const { tokenIds, sampleIndex } = completions[index]!.completion!;
  const id = `${problemId}#${sampleIndex}`;
  const ids = { id, promptTokenIds, completionTokenIds: tokenIds };
  return messageOf(Example, { ...ids, ...(advantage !== undefined && { advantage }) });
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
