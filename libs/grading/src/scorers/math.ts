import { invalidArgument, resourceExhausted } from '@hone/errors';
import { defineScorer, type Compared, type Found } from '../method.ts';
import type { ScoreItem } from '../verdict.ts';
import { lastBoxes } from '../math/extraction/boxes.ts';
import { findAnswer, wholeAsWritten } from '../math/extraction/extract.ts';
import { compareAnswers, sameAnswers } from '../math/same.ts';

/** The gold answer; of a solution, what it boxes. */
function goldAnswer(gold: string): string {
  const answer = gold.includes('\\boxed') ? (lastBoxes(gold, true)?.answer ?? gold) : gold;
  if (answer.trim() === '') throw invalidArgument('gold', 'must not be empty');
  return answer;
}

/** Undefined for what turns out to be empty. */
function compare(gold: string, written: string): Compared | undefined {
  const { equal, exhausted, normalAnswer, normalGold } = compareAnswers(gold, written);
  if (exhausted) throw resourceExhausted('ANSWER_TOO_LARGE', 'the answer is too large to be compared');
  return normalAnswer.trim() === '' ? undefined : { right: equal, answer: normalAnswer, normalGold };
}

function find(text: string, isWhole: boolean, { gold }: ScoreItem): Found {
  const found = (isWhole ? wholeAsWritten(text, goldAnswer(gold)) : undefined) ?? findAnswer(text, isWhole);
  if (!found || found.answer.trim() === '') return undefined;
  const { answer, start, end, rule } = found;
  return { answer, written: answer, span: { start, end }, rule };
}

/** MATH: the final answer in LaTeX or plain text is mathematically the gold answer. */
export const math = defineScorer({
  name: 'math',
  version: '5',
  description:
    'Mathematical equality: the last \\boxed, else what stands behind "final answer", "####" or "answer is", else the last ' +
    'maths of a finished completion; numbers, expressions, sets, intervals, points, matrices, equations, units and text.',
  target(item) {
    const gold = goldAnswer(item.gold);
    return { compare: (answer) => compare(gold, answer) };
  },
  find,
  sameAnswer: (one, other) => one === other || sameAnswers(one, other),
});
