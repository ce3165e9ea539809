import { Random } from '@hone/statistics';
import { expect, test } from 'vitest';
import type { JudgedComparison, JudgedProblem } from '../rule.ts';
import { majority } from './majority.ts';

type Choice = JudgedComparison['judgements'][number]['choice'];
const CHOICES: readonly Choice[] = ['A', 'B', 'TIE', 'NEITHER'];

const completion = (text: string): JudgedProblem['completions'][number] => ({
  ...{ tokenIds: Int32Array.of(text.charCodeAt(0)), text, state: 'UNJUDGED', score: 0, answer: '', truncated: false },
});
const problemOf = (comparisons: readonly JudgedComparison[]): JudgedProblem => ({
  ...{ id: 'p', promptTokenIds: Int32Array.of(1), gold: '', solution: '', comparisons },
  completions: ['x', 'y', 'z', 'x'].map(completion),
});
const compared = (choices: readonly Choice[], a = 0, b = 1): JudgedComparison => ({
  ...{ a, b, judgements: choices.map((choice, index) => ({ annotator: `${index}`, choice })) },
});
const apply = (comparisons: readonly JudgedComparison[], least_share = 0.5) =>
  majority.apply(problemOf(comparisons), { least_share }, 1n);

test.each([
  ['A', ['A'], { chosen: 0, rejected: 1 }],
  ['B', ['B', 'A', 'B'], { chosen: 1, rejected: 0 }],
  ['B although one cannot tell', ['B', 'TIE', 'B'], { chosen: 1, rejected: 0 }],
] as const)('what most chose is chosen: %s', (_, choices, pair) => {
  expect(apply([compared(choices)]).pairs).toEqual([pair]);
});

test.each([
  ['unjudged', []],
  ['undecided', ['TIE']],
  ['undecided', ['NEITHER', 'TIE', 'A']],
  ['disputed', ['A', 'B']],
  ['disputed', ['A', 'A', 'B', 'TIE']],
] as const)('what is %s gives no pair: %j', (reason, choices) => {
  const { pairs, dropped, skipped } = apply([compared(choices)]);
  expect([pairs, skipped]).toEqual([[], 'empty']);
  expect(Object.entries(dropped).filter(([, count]) => count > 0)).toEqual([[reason, 1]]);
});

test('least_share asks for more than a majority, 1 for all', () => {
  const three = [compared(['A', 'A', 'B'])];
  expect(apply(three, 2 / 3).pairs).toHaveLength(1);
  expect(apply(three, 0.7).dropped).toMatchObject({ disputed: 1 });
  expect(apply([compared(['B', 'B'])], 1).pairs).toHaveLength(1);
});

test('a pair is made once, and none of equal texts', () => {
  const { pairs, dropped } = apply([compared(['A']), compared(['B'], 1, 0), compared(['A'], 0, 3)]);
  expect(pairs).toEqual([{ chosen: 0, rejected: 1 }]);
  expect(dropped).toMatchObject({ repeated: 1, ties: 1 });
});

test('every comparison is a pair or is counted as left out', () => {
  const random = new Random(11n);
  for (let round = 0; round < 300; round++) {
    const comparisons = Array.from({ length: 1 + Math.floor(random.uniform() * 4) }, (_, index) =>
      compared(
        Array.from({ length: Math.floor(random.uniform() * 6) }, () => CHOICES[Math.floor(random.uniform() * 4)]!),
        index % 2,
        2,
      ),
    );
    const { pairs, dropped } = apply(comparisons, 0.5 + random.uniform() / 2);
    const left = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(pairs!.length + left).toBe(comparisons.length);
  }
});
