import { expect, test } from 'vitest';
import {
  addToReport,
  cyclePairs,
  emptyReport,
  validatePairOptions,
  type JudgedCompletion,
  type PairOptions,
} from './index.ts';

const OPTIONS: PairOptions = { pairsPerProblem: 10, unscorable: 'loser', truncatedLose: false, seed: 1n };
let next = 0;
function completion(
  kind: 'right' | 'wrong' | 'unscorable' | 'truncated' | 'error',
  text = `text ${next}`,
): JudgedCompletion {
  next += 1;
  const state = {
    right: 'SCORED',
    wrong: 'SCORED',
    unscorable: 'UNSCORABLE',
    truncated: 'TRUNCATED',
    error: 'ERROR',
  } as const;
  const score = kind === 'right' ? 1 : 0;
  return { tokenIds: Int32Array.of(next, 2), text, state: state[kind], score, truncated: kind === 'truncated' };
}
const many = (kind: Parameters<typeof completion>[0], count: number): JudgedCompletion[] =>
  Array.from({ length: count }, () => completion(kind));
const pairsOf = (completions: JudgedCompletion[], options: Partial<PairOptions> = {}) =>
  cyclePairs('p', completions, { ...OPTIONS, ...options });

test('winners are right and losers wrong, in every pair', () => {
  const completions = [...many('right', 3), ...many('wrong', 5)];
  const { pairs } = pairsOf(completions);
  expect(pairs).toHaveLength(10);
  for (const { chosen, rejected } of pairs) {
    expect(completions[chosen]!.score).toBe(1);
    expect(completions[rejected]!.score).toBe(0);
  }
});

test('both sides are gone over at the same time and started over when exhausted', () => {
  const { pairs } = pairsOf([...many('right', 2), ...many('wrong', 4)], { pairsPerProblem: 4 });
  expect(new Set(pairs.map(({ rejected }) => rejected)).size).toBe(4);
  expect(pairs[0]!.chosen).toBe(pairs[2]!.chosen);
  expect(pairs[1]!.chosen).toBe(pairs[3]!.chosen);
});

test('with K large enough every combination occurs, and none twice', () => {
  for (let winners = 1; winners <= 6; winners++) {
    for (let losers = 1; losers <= 6; losers++) {
      const completions = [...many('right', winners), ...many('wrong', losers)];
      const { pairs } = pairsOf(completions, { pairsPerProblem: 100 });
      expect(pairs).toHaveLength(winners * losers);
      expect(new Set(pairs.map(({ chosen, rejected }) => `${chosen}/${rejected}`)).size).toBe(winners * losers);
    }
  }
});

test('a completion that was sampled again counts once', () => {
  const right = completion('right');
  const { pairs, dropped } = pairsOf([right, { ...right }, completion('wrong')]);
  expect(pairs).toHaveLength(1);
  expect(dropped.duplicates).toBe(1);
});

test('completions of the same text make no pair', () => {
  const { pairs, dropped } = pairsOf([completion('right', 'same'), completion('wrong', 'same')]);
  expect(pairs).toHaveLength(0);
  expect(dropped.ties).toBe(1);
});

test('truncated completions are neither winners nor, by default, losers', () => {
  const cutOffButRight = { ...completion('right'), truncated: true };
  const completions = [completion('right'), cutOffButRight, completion('truncated')];
  expect(pairsOf(completions)).toMatchObject({ pairs: [], winners: 1, losers: 0, dropped: { truncated: 2 } });
  expect(pairsOf(completions, { truncatedLose: true })).toMatchObject({ pairs: [{ chosen: 0, rejected: 2 }] });
});

test('completions without a readable answer lose or are dropped, as asked', () => {
  const completions = [completion('right'), completion('unscorable')];
  expect(pairsOf(completions).pairs).toHaveLength(1);
  expect(pairsOf(completions, { unscorable: 'drop' })).toMatchObject({ pairs: [], dropped: { unscorable: 1 } });
});

test('completions whose scoring failed are dropped', () => {
  expect(pairsOf([completion('right'), completion('error')])).toMatchObject({ pairs: [], dropped: { errors: 1 } });
});

test('the same seed gives the same pairs, another seed another order', () => {
  const completions = [...many('right', 6), ...many('wrong', 6)];
  expect(pairsOf(completions)).toEqual(pairsOf(completions));
  expect(pairsOf(completions).pairs).not.toEqual(pairsOf(completions, { seed: 2n }).pairs);
});

test('the report says what became of every problem and completion', () => {
  const report = emptyReport();
  for (const completions of [
    many('right', 2),
    many('wrong', 2),
    many('error', 1),
    [...many('right', 1), ...many('wrong', 2)],
  ]) {
    addToReport(report, completions, pairsOf(completions));
  }
  expect(report).toMatchObject({
    rule: 'cycle/1',
    problems: 4,
    problemsWithPairs: 1,
    problemsAllRight: 1,
    problemsAllWrong: 1,
    problemsEmpty: 1,
    completions: { correct: 3, wrong: 4, error: 1 },
    dropped: { errors: 1 },
    pairs: 2,
  });
});

test('K must be at least 1', () => {
  expect(() => validatePairOptions({ ...OPTIONS, pairsPerProblem: 0 })).toThrow(/config.pairs_per_problem/);
});
