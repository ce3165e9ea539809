import { expect, test } from 'vitest';
import { getScorer, groupAnswers } from './index.ts';

test.each([
  ['math', ['x=5', '5', '6', '5'], [0, 0, 2, 0]],
  ['math', ['(C)', 'C', 'Even', 'even'], [0, 0, 2, 2]],
  ['gsm8k', ['59/2', '59/2', '7'], [0, 0, 2]],
  ['exact', ['New York', 'new york'], [0, 1]],
])('%s: of %j the first of each group is %j', (scorer, answers, first) => {
  expect(groupAnswers(getScorer(scorer), answers)).toEqual(first);
});

test('an answer joins the first group whose first answer it equals, and beyond 64 answers texts are compared', () => {
  let compared = 0;
  const near = {
    sameAnswer: (one: string, other: string): boolean => {
      compared += 1;
      return Math.abs(Number(one) - Number(other)) <= 1;
    },
  };
  expect(groupAnswers(near, ['1', '2', '3', '2'])).toEqual([0, 0, 2, 0]);
  compared = 0;
  const many = Array.from({ length: 1000 }, (_, index) => String(10 * index));
  expect(groupAnswers(near, [...many, '9990', '9991'])).toEqual([...many.keys(), 999, 1001]);
  expect(compared).toBeLessThan(64 * 64);
});
