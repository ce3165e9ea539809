import { FinishReason, JudgedProblem, messageOf } from '@hone/contracts';
import { expect, test } from 'vitest';
import { comparisonsOf, roundRobin } from './comparisons.ts';

const problemOf = (texts: readonly string[], cut: readonly number[] = [], problemId = 'p'): JudgedProblem =>
  messageOf(JudgedProblem, {
    problemId,
    completions: texts.map((text, sampleIndex) => {
      const finishReason = cut.includes(sampleIndex) ? FinishReason.LENGTH : FinishReason.STOP;
      return { completion: { sampleIndex, text, finishReason } };
    }),
  });

test.each([1, 2, 3, 6, 7])('round robin over %i: all pairs once, in rounds without anybody twice', (n) => {
  const pairs = [...roundRobin(n)];
  expect(new Set(pairs.map((pair) => [...pair].sort().join())).size).toBe((n * (n - 1)) / 2);
  expect(pairs).toHaveLength((n * (n - 1)) / 2);
  const round = Math.floor(n / 2);
  for (let from = 0; from < pairs.length; from += round)
    expect(new Set(pairs.slice(from, from + round).flat()).size).toBe(2 * round);
});

test('completions of different texts that ended by themselves are compared, each pair once', () => {
  const asked = comparisonsOf(problemOf(['x', 'y', 'x', 'z', '', 'w'], [3]), 10, 1n);
  const pairs = asked.map(({ a, b }) => [a, b].sort().join()).sort();
  expect(pairs).toEqual(['0,1', '0,5', '1,5']);
  for (const { a, aText } of asked) expect(aText).toBe(['x', 'y', '', '', '', 'w'][a]);
});

test('there is nothing to compare where fewer than two differ', () => {
  expect(comparisonsOf(problemOf(['x', 'x', 'y'], [2]), 3, 1n)).toEqual([]);
});

test('the seed and the problem decide, and neither completion is A more often', () => {
  const texts = ['x', 'y'];
  expect(comparisonsOf(problemOf(texts), 1, 5n)).toEqual(comparisonsOf(problemOf(texts), 1, 5n));
  const first = Array.from(
    { length: 2000 },
    (_, index) => comparisonsOf(problemOf(texts, [], `${index}`), 1, 5n)[0]!.a,
  );
  // A standard deviation is 22.
  expect(Math.abs(first.filter((a) => a === 0).length - 1000)).toBeLessThan(110);
});
