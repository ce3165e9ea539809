/** Training records of a problem and what was chosen of it. */
import {
  Example,
  messageOf,
  unpackFloat32,
  type Completion,
  type JudgedProblem,
  type Pair,
  type PreferenceGroup,
  type TrainingCompletion,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** A problem's pairs, of indices into its completions, with the completions that occur in them, each once. */
export function groupOf(
  { problemId, promptTokenIds, completions }: JudgedProblem,
  pairs: readonly Pair[],
): PreferenceGroup {
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

/** The completions that occur in pairs. */
export const usedIn = (pairs: readonly Pair[]): number[] => [
  ...new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected])),
];

/** How many of these completions have log-probs that are not exact. */
export const countInexact = (completions: readonly Completion[]): number =>
  completions.filter(({ exactLogProbs }) => !exactLogProbs).length;

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
