import { expect, test } from 'vitest';
import { getScorer, type Choice, type Verdict } from '../index.ts';

const CHOICES: Choice[] = ['copper wire', 'rubber band', 'glass rod'].map((text, i) => ({ label: 'ABC'[i]!, text }));
const score = (name: string, completion: string, gold: string, extra: object = {}): Verdict =>
  getScorer(name).score({ completion, gold, truncated: false, choices: name === 'choice' ? CHOICES : [], ...extra });
const isRight = (verdict: Verdict): boolean => verdict.state === 'SCORED' && verdict.score === 1;

const HEADINGS = [
  'Question:',
  'Q:',
  'Problem:',
  '### Problem:',
  '### Problem\n',
  '**Question:**',
  '**Problem 2:**',
  '## Question\n',
];

test.each(HEADINGS)('a next problem behind the answer is cut off: %j', (heading) => {
  for (const name of ['gsm8k', 'math'])
    for (const answer of ['The answer is 14.', '#### 14', '\\boxed{14}', 'Final answer: 14'])
      expect([
        name,
        answer,
        isRight(score(name, `${answer}\n\n${heading} What is 8+9?\nA: 17\n#### 17`, '14')),
      ]).toEqual([name, answer, true]);
  for (const answer of ['The answer is B.', '(B)', 'Final answer: B'])
    expect([
      answer,
      isRight(score('choice', `${answer}\n\n${heading} Which bends?\nA: (C)\nThe answer is C.`, 'B')),
    ]).toEqual([answer, true]);
  expect(isRight(score('exact', `Final answer: Paris\n\n${heading} Of Italy?\nFinal answer: Rome`, 'Paris'))).toBe(
    true,
  );
});

test.each(HEADINGS)('a problem that is written down again is neither the answer nor its end: %j', (heading) => {
  const lead = 'Sure, let me write it down.';
  for (const name of ['gsm8k', 'math'])
    expect([name, isRight(score(name, `${lead}\n\n${heading} What is 6 times 6?\n\n### Answer:\n36`, '36'))]).toEqual([
      name,
      true,
    ]);
  expect(isRight(score('gsm8k', `${lead}\n\n${heading} What is 6 times 6?\nIt is 36.`, '36'))).toBe(true);
  expect(isRight(score('choice', `${lead}\n\n${heading} Which bends?\n\nAnswer:\nB`, 'B'))).toBe(true);
  expect(isRight(score('exact', `${lead}\n\n${heading} Which town?\n\nFinal answer: Paris`, 'Paris'))).toBe(true);
  expect(score('gsm8k', `${lead}\n\n${heading} What is 6 times 6?`, '6').state).toBe('UNSCORABLE');
});

test('the problem of the prompt is known again, wherever it stands', () => {
  const prompt = 'Tim has 3 bags of 4 nuts. How many nuts are these?';
  const completion = `There are 3 bags.\n\nQuestion: ${prompt}\nThe answer is 12.`;
  expect(isRight(score('gsm8k', completion, '12', { prompt }))).toBe(true);
  expect(isRight(score('gsm8k', completion, '3'))).toBe(true);
});

test('a turn of another speaker ends the answer', () => {
  for (const turn of [
    '\nHuman: and 5?\nAssistant: 13',
    '<|im_end|>\n<|im_start|>user\n13',
    '<end_of_turn>13',
    '\nUser: 13',
  ])
    expect([turn, isRight(score('gsm8k', `So 12${turn}`, '12'))]).toEqual([turn, true]);
  expect(isRight(score('gsm8k', '<|im_start|>assistant\nSo it is 12<|im_end|>', '12'))).toBe(true);
});

test('an answer behind which a next problem is cut off is whole, also where the completion was cut off', () => {
  expect(isRight(score('gsm8k', 'It is 12.\n\nQuestion: what', '12', { truncated: true }))).toBe(true);
});
