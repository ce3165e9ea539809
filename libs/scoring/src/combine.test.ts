import { CombinationRule, messageOf, ScorerCombination, Verdict, VerdictState } from '@hone/contracts';
import { expect, test } from 'vitest';
import { combineVerdicts } from './index.ts';

type Said = number | 'unscorable' | 'truncated' | 'error';
const STATES = {
  unscorable: VerdictState.UNSCORABLE,
  truncated: VerdictState.TRUNCATED,
  error: VerdictState.ERROR,
} as const;

function verdict(said: Said, index: number): Verdict {
  const scored = typeof said === 'number';
  return messageOf(Verdict, {
    id: 'a',
    scorer: `s${index}`,
    state: scored ? VerdictState.SCORED : STATES[said],
    score: scored ? said : 0,
    extractedAnswer: scored ? `answer ${index}` : '',
  });
}

function combine(rule: CombinationRule, said: readonly Said[], weights: number[] = [], threshold = 0): Said {
  const scorers = said.map((_, index) => ({ name: `s${index}`, weight: weights[index] ?? 0 }));
  const combination = messageOf(ScorerCombination, { rule, scorers, threshold });
  const { state, score } = combineVerdicts(said.map(verdict), combination, { scorer: 'both', scorerVersion: '1+2' });
  if (state === VerdictState.SCORED) return score;
  expect(score).toBe(0);
  return (Object.keys(STATES) as (keyof typeof STATES)[]).find((name) => STATES[name] === state)!;
}

test.each<[Said[], Said]>([
  [[1, 1], 1],
  [[1, 0], 0],
  [[1, 0.5], 0.5],
  [[1, 'unscorable'], 'unscorable'],
  [[1, 'unscorable', 'truncated'], 'truncated'],
  [[1, 'error', 'truncated'], 'error'],
  [[0, 'error'], 0],
  [['unscorable', 'unscorable'], 'unscorable'],
])('all of %j are %s: wrong decides, an error where it could', (said, expected) => {
  expect(combine(CombinationRule.ALL, said)).toBe(expected);
});

test.each<[Said[], Said]>([
  [[0, 1], 1],
  [[0, 0], 0],
  [[0.5, 0], 0.5],
  [[1, 'error'], 1],
  [[0, 'error'], 'error'],
  [[0, 'unscorable'], 0],
  [['unscorable', 'truncated'], 'truncated'],
])('any of %j is %s: right decides, an error where it could', (said, expected) => {
  expect(combine(CombinationRule.ANY, said)).toBe(expected);
});

test.each<[Said[], number[], number, Said]>([
  [[1, 0], [], 0.5, 1],
  [[1, 0], [], 0.51, 0],
  [[1, 0], [3, 1], 0.75, 1],
  [[1, 0, 0], [0.1, 0.1, 0.1], 1 / 3, 1],
  [[1, 'unscorable'], [1, 100], 1, 1],
  [[1, 'error'], [], 0.5, 'error'],
  [['truncated', 'unscorable'], [], 0.5, 'truncated'],
])('the mean of %j with weights %j reaches %d: %s', (said, weights, threshold, expected) => {
  expect(combine(CombinationRule.WEIGHTED_MEAN, said, weights, threshold)).toBe(expected);
});

test.each<[Said[], Said]>([
  [['unscorable', 0, 1], 0],
  [['error', 1], 1],
  [['unscorable', 'error'], 'error'],
])('the first answer of %j counts: %s', (said, expected) => {
  expect(combine(CombinationRule.FIRST_SCORED, said)).toBe(expected);
});

test('answer and span are those of the first that finds an answer, and the message says what each said', () => {
  const combination = messageOf(ScorerCombination, {
    rule: CombinationRule.ANY,
    scorers: [{ name: 's0' }, { name: 's1' }, { name: 's2' }],
  });
  const said: Said[] = ['unscorable', 0, 1];
  const combined = combineVerdicts(said.map(verdict), combination, { scorer: 'any(…)', scorerVersion: '1+1+1' });
  expect(combined).toMatchObject({ id: 'a', extractedAnswer: 'answer 1', scorer: 'any(…)', scorerVersion: '1+1+1' });
  expect(combined.message).toBe('s0: unscorable; s1: 0; s2: 1');
});
