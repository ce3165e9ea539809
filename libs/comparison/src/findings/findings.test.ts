import { expect, test } from 'vitest';
import type { MeasuredRun } from '../measured.ts';
import { madeUpRun, type MadeUp } from '../testing.ts';
import { checkFindings, type Finding } from './index.ts';

const SEEDS = [1, 2, 3];

const runs = (methods: Readonly<Record<string, MadeUp>>): MeasuredRun[] =>
  SEEDS.flatMap((seed) => Object.entries(methods).map(([method, made]) => madeUpRun(method, seed, made)));

function check(finding: Finding, methods: Readonly<Record<string, MadeUp>>) {
  const [found] = checkFindings([finding], { runs: runs(methods), significance: 0.05 });
  return found!;
}

test('a method improves where each iteration is significantly better than the one before', () => {
  const finding: Finding = { kind: 'improves', method: 'a' };
  expect(check(finding, { a: { right: [40, 50, 60] } })).toMatchObject({
    holds: true,
    claim: 'a: each iteration improves on the one before',
    measured: [
      { difference: expect.closeTo(0.1), problems: 300, mcnemar: { first_only: 30, second_only: 0 } },
      { difference: expect.closeTo(0.1) },
    ],
  });
  // 3 problems of 300 may be chance, and a fall is none.
  expect(check(finding, { a: { right: [40, 50, 51] } }).holds).toBe(false);
  expect(check(finding, { a: { right: [40, 60, 50] } }).holds).toBe(false);
});

test('iterations behind the last that is asked for do not count', () => {
  expect(check({ kind: 'improves', method: 'a', to: 1 }, { a: { right: [40, 60, 50] } }).holds).toBe(true);
});

test('a method beats another where the paired test over the problems of all seeds says so', () => {
  const finding: Finding = { kind: 'beats', method: 'a', over: 'b' };
  const found = check(finding, { a: { right: [40, 60] }, b: { right: [40, 50] } });
  expect(found).toMatchObject({ holds: true, claim: 'a beats b at the end' });
  expect(found.evidence).toBe(
    'a at the end - b at the end: +10.0 points ± 0.0 over 3 seeds, 95 % [+6.7, +13.7] of 300 problems; ' +
      '30 right in the first alone, 0 in the second alone, p < 0.0001.',
  );
  expect(check(finding, { a: { right: [40, 50] }, b: { right: [40, 60] } }).holds).toBe(false);
  expect(check(finding, { a: { right: [40, 51] }, b: { right: [40, 50] } }).holds).toBe(false);
});

test('methods may be compared after different numbers of iterations', () => {
  const methods = { a: { right: [40, 60, 70] }, b: { right: [40, 65] } };
  expect(check({ kind: 'beats', method: 'a', over: 'b', at: 1 }, methods)).toMatchObject({
    holds: false,
    claim: 'a beats b at iteration 1',
  });
  expect(check({ kind: 'beats', method: 'a', over: 'b', at: 2, over_at: 1 }, methods)).toMatchObject({
    holds: true,
    claim: 'a at iteration 2 beats b at iteration 1',
  });
});

test('log-probs rise or fall where the interval of the mean change is on that side of 0', () => {
  const made = { a: { right: [40, 50], chosen: [-1, -2], rejected: [-3, -2.5] } };
  const holds = (kind: string, moves: string): boolean => check({ kind, method: 'a', moves }, made).holds;
  expect(holds('chosen_log_prob', 'falls')).toBe(true);
  expect(holds('chosen_log_prob', 'rises')).toBe(false);
  expect(holds('rejected_log_prob', 'rises')).toBe(true);
  expect(holds('rejected_log_prob', 'falls')).toBe(false);
  expect(check({ kind: 'chosen_log_prob', method: 'a', moves: 'falls', at: 1 }, made)).toMatchObject({
    claim: 'a: the log-prob of chosen completions falls, M_0 to M_1',
    measured: { before: expect.closeTo(-1), after: expect.closeTo(-2), problems: 15 },
  });
  const flat = { a: { right: [40, 50], chosen: [-1, -1], rejected: [-3, -3] } };
  expect(check({ kind: 'chosen_log_prob', method: 'a', moves: 'falls' }, flat).holds).toBe(false);
});

test('majority voting beats greedy decoding where the interval of the difference is above 0', () => {
  const finding: Finding = { kind: 'majority_beats_greedy', method: 'a' };
  const better = { a: { right: [40, 50], votes: (problem: number) => (problem < 70 ? 3 : 1) } };
  expect(check(finding, better)).toMatchObject({
    holds: true,
    measured: { k: 4, difference: expect.closeTo(0.2), problems: 300 },
  });
  const same = { a: { right: [40, 50], votes: (problem: number) => (problem < 50 ? 3 : 1) } };
  expect(check(finding, same).holds).toBe(false);
});

test('what was not measured does not hold, and says so', () => {
  const methods = { a: { right: [40] }, b: { right: [40, 50] } };
  const findings: Finding[] = [
    { kind: 'improves', method: 'a' },
    { kind: 'beats', method: 'a', over: 'b', at: 1 },
    { kind: 'chosen_log_prob', method: 'b', moves: 'falls' },
    { kind: 'majority_beats_greedy', method: 'b' },
  ];
  for (const finding of findings)
    expect(check(finding, methods)).toMatchObject({ holds: false, evidence: expect.stringMatching(/^Not measured: /) });
});

test('seeds in which one side is missing are left out of a paired test', () => {
  const [one, ...others] = runs({ a: { right: [40, 60] }, b: { right: [40, 50] } });
  const measurements = { runs: [{ ...one!, iterations: [] }, ...others], significance: 0.05 };
  const [found] = checkFindings([{ kind: 'beats', method: 'a', over: 'b', at: 1 }], measurements);
  expect(found).toMatchObject({ measured: { seeds: [{ seed: 2 }, { seed: 3 }], problems: 200 } });
});

test('a claim may be told in other words', () => {
  const finding: Finding = { kind: 'improves', method: 'a', claim: 'it gets better' };
  expect(check(finding, { a: { right: [40, 60] } }).claim).toBe('it gets better');
});
