import { invalidArgument, resourceExhausted } from '@hone/errors';
import { exactly, judge, type Extracted, type Scorer, type Verdict } from '../verdict.ts';
import { lastBoxes } from './boxes.ts';
import { findAnswer, wholeAsWritten } from './extract.ts';
import { compareAnswers, type Comparison } from './same.ts';

export { sameAnswers } from './same.ts';

/** The gold answer; of a solution, what it boxes. */
function goldAnswer(gold: string): string {
  const answer = gold.includes('\\boxed') ? (lastBoxes(gold, true)?.answer ?? gold) : gold;
  if (answer.trim() === '') throw invalidArgument('gold', 'must not be empty');
  return answer;
}

function judgeMath(item: Parameters<Scorer['score']>[0]): Verdict {
  const gold = goldAnswer(item.gold);
  const found = wholeAsWritten(item.completion, gold) ?? findAnswer(item.completion, item.truncated);
  if (!found || found.answer.trim() === '') return judge(undefined, item, exactly(gold));
  const compared: Comparison = compareAnswers(gold, found.answer);
  if (compared.exhausted) throw resourceExhausted('ANSWER_TOO_LARGE', 'the answer is too large to be compared');
  if (compared.normalAnswer.trim() === '') return judge(undefined, item, exactly(gold));
  const extracted: Extracted = {
    answer: compared.normalAnswer,
    span: { start: found.start, end: found.end },
    rule: found.rule,
  };
  return judge(extracted, item, { normalGold: compared.normalGold, isRight: () => compared.equal });
}

/** MATH: the final answer in LaTeX or plain text is mathematically the gold answer. */
export const math: Scorer = {
  name: 'math',
  version: '4',
  description:
    'Mathematical equality: the last \\boxed, else what stands behind "final answer", "####" or "answer is", else the last ' +
    'maths of a finished completion; numbers, expressions, sets, intervals, points, matrices, equations, units and text.',
  score: judgeMath,
};
