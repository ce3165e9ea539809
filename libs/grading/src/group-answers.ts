import type { Scorer } from './verdict.ts';

/** Beyond so many different answers the rest are compared by their text: the work stays bounded. */
const MOST_COMPARED = 64;

/**
 * For each answer the position of the first one that is the same to the scorer. Equality need not be transitive: an answer joins the
 * first group whose first answer it equals.
 */
export function groupAnswers(scorer: Pick<Scorer, 'sameAnswer'>, answers: readonly string[]): number[] {
  const known = new Map<string, number>();
  const leaders: number[] = [];
  return answers.map((answer, index) => {
    const before = known.get(answer);
    if (before !== undefined) return before;
    const isCompared = known.size < MOST_COMPARED;
    const leader = isCompared ? leaders.find((first) => scorer.sameAnswer(answers[first]!, answer)) : undefined;
    known.set(answer, leader ?? index);
    if (leader === undefined && isCompared) leaders.push(index);
    return leader ?? index;
  });
}
