import { equalAnswers } from './equality/equal.ts';
import { Steps } from './limits.ts';
import { withSamePairs } from './tree/letter-pairs.ts';
import { normalForm } from './print.ts';
import { readAnswer, type Reading } from './parsing/read.ts';

/** How an answer compares with the gold answer. */
export interface Comparison {
  readonly equal: boolean;
  readonly normalGold: string;
  readonly normalAnswer: string;
  /** Work done, in visited nodes. */
  readonly steps: number;
  /** Whether the answers were too large to compare within the bound on work; `equal` then says nothing. */
  readonly exhausted: boolean;
}

/**
 * Whether two answers in LaTeX or plain text say the same, whichever of them is right: symmetric, deterministic, and bounded in
 * its work. Answers too large to compare are not the same.
 */
export function sameAnswers(a: string, b: string): boolean {
  return compareAnswers(a, b).equal || compareAnswers(b, a).equal;
}

/** Compares two answers in LaTeX or plain text. An empty answer equals nothing. */
export function compareAnswers(gold: string, answer: string): Comparison {
  const [one, other] = [readAnswer(gold), readAnswer(answer)];
  const steps = new Steps();
  const equal = same(one, other, steps);
  const normal = { normalGold: shown(one), normalAnswer: shown(other) };
  return { equal, ...normal, steps: steps.taken, exhausted: !equal && steps.exhausted };
}

function same(gold: Reading, answer: Reading, steps: Steps): boolean {
  if (gold.plain === '' || answer.plain === '') return false;
  if (gold.plain === answer.plain) return true;
  return gold.meanings.some((meaning) =>
    answer.meanings.some((other) => equalAnswers(...withSamePairs(meaning, other), steps)),
  );
}

const shown = ({ meanings, plain }: Reading): string => (meanings[0] ? normalForm(meanings[0]) : plain.slice(0, 400));
