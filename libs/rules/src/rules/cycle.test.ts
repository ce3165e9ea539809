import { expect, test } from 'vitest';
import { readSettings } from '@hone/settings';
import { addToReport, emptyReport, type JudgedCompletion } from '../index.ts';
import { cycle } from './cycle.ts';

type Settings = Parameters<typeof cycle.apply>[1];
const DEFAULTS: Settings = { per_problem: 10, unscorable: 'loser', truncated_lose: false };
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
  return {
    tokenIds: Int32Array.of(next, 2),
    text,
    state: state[kind],
    score,
    answer: '',
    truncated: kind === 'truncated',
  };
}
const many = (kind: Parameters<typeof completion>[0], count: number): JudgedCompletion[] =>
  Array.from({ length: count }, () => completion(kind));
const problemOf = (completions: JudgedCompletion[]) => ({
  id: 'p',
  promptTokenIds: Int32Array.of(1),
  gold: '',
  solution: '',
  completions,
});
function pairsOf(completions: JudgedCompletion[], settings: Partial<Settings> = {}, seed = 1n) {
  const outcome = cycle.apply(problemOf(completions), { ...DEFAULTS, ...settings }, seed);
  return { ...outcome, pairs: outcome.pairs! };
}

test('winners are right and losers wrong, in every pair', () => {
  const completions = [...many('right', 3), ...many('wrong', 5)];
  const { pairs } = pairsOf(completions);
  expect(pairs).toHaveLength(10);
  for (const { chosen, rejected } of pairs) {
    expect(completions[chosen as number]!.score).toBe(1);
    expect(completions[rejected]!.score).toBe(0);
  }
});

test('both sides are gone over at the same time and started over when exhausted', () => {
  const { pairs } = pairsOf([...many('right', 2), ...many('wrong', 4)], { per_problem: 4 });
  expect(new Set(pairs.map(({ rejected }) => rejected)).size).toBe(4);
  expect(pairs[0]!.chosen).toBe(pairs[2]!.chosen);
  expect(pairs[1]!.chosen).toBe(pairs[3]!.chosen);
});

test('with K large enough every combination occurs, and none twice', () => {
  for (let winners = 1; winners <= 6; winners++) {
    for (let losers = 1; losers <= 6; losers++) {
      const completions = [...many('right', winners), ...many('wrong', losers)];
      const { pairs } = pairsOf(completions, { per_problem: 100 });
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
  expect(pairsOf(completions)).toMatchObject({ pairs: [], skipped: 'all right', dropped: { truncated: 2 } });
  expect(pairsOf(completions, { truncated_lose: true })).toMatchObject({ pairs: [{ chosen: 0, rejected: 2 }] });
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
  expect(pairsOf(completions).pairs).not.toEqual(pairsOf(completions, {}, 2n).pairs);
});

test('the report says what became of every problem and completion', () => {
  const report = emptyReport(cycle);
  for (const completions of [
    many('right', 2),
    many('wrong', 2),
    many('error', 1),
    [...many('right', 1), ...many('wrong', 2)],
  ]) {
    addToReport(report, problemOf(completions), pairsOf(completions));
  }
  expect(report).toMatchObject({
    rule: 'cycle/1',
    problems: 4,
    problemsUsed: 1,
    problemsAllRight: 1,
    problemsAllWrong: 1,
    problemsEmpty: 1,
    completions: { correct: 3, wrong: 4, error: 1 },
    dropped: { errors: 1 },
    pairs: 2,
  });
});

test("the defaults are the paper's, and K must be at least 1", () => {
  expect(readSettings(cycle.settings, {}, 'settings')).toEqual(DEFAULTS);
  expect(() => readSettings(cycle.settings, { per_problem: 0 }, 'settings')).toThrow(/^settings.per_problem/);
});

test('pairs of version 1 are these', () => {
  const tokens = (token: number, kind: Parameters<typeof completion>[0]): JudgedCompletion => ({
    ...completion(kind),
    tokenIds: Int32Array.of(token, 2),
  });
  const completions = [
    ...[3, 4, 5].map((token) => tokens(token, 'right')),
    ...[6, 7, 8, 9].map((token) => tokens(token, 'wrong')),
    tokens(10, 'unscorable'),
  ];
  const written = pairsOf(completions, { per_problem: 6 }, 77n).pairs.map(({ chosen, rejected }) => [chosen, rejected]);
  expect(written).toEqual([
    [0, 5],
    [2, 4],
    [1, 7],
    [0, 6],
    [2, 3],
    [1, 5],
  ]);
});
