import { readSettings } from '@hone/settings';
import { expect, test } from 'vitest';
import { addToReport, emptyReport, type JudgedCompletion, type JudgedProblem } from '../index.ts';
import { goldSolutions } from './gold-solutions.ts';
import { rightSamples } from './right-samples.ts';

const completion = (token: number, fields: Partial<JudgedCompletion> = {}): JudgedCompletion => ({
  tokenIds: Int32Array.of(token, 2),
  text: `text ${token}`,
  state: 'SCORED',
  score: 1,
  answer: '',
  truncated: false,
  ...fields,
});
const problem = (completions: JudgedCompletion[], fields: Partial<JudgedProblem> = {}): JudgedProblem => ({
  id: 'p',
  promptTokenIds: Int32Array.of(1),
  gold: '4',
  solution: '',
  completions,
  ...fields,
});
const samplesOf = (completions: JudgedCompletion[], per_problem = 0, seed = 1n) =>
  rightSamples.apply(problem(completions), { per_problem }, seed);

test('every distinct right completion is an example, once', () => {
  const { examples, dropped } = samplesOf([
    completion(3),
    completion(4, { score: 0 }),
    completion(5),
    completion(3),
    completion(6, { state: 'UNSCORABLE', score: 0 }),
    completion(7, { state: 'ERROR', score: 0 }),
  ]);
  expect([...examples!].sort()).toEqual([0, 2]);
  expect(dropped).toEqual({ duplicates: 1, truncated: 0, unscorable: 1, errors: 1, over_limit: 0 });
});

test('a right completion that was cut off is no example', () => {
  const { examples, dropped } = samplesOf([completion(3, { truncated: true }), completion(4)]);
  expect(examples).toEqual([1]);
  expect(dropped).toMatchObject({ truncated: 1 });
});

test('at most per_problem examples are made of a problem, drawn by the seed', () => {
  const completions = Array.from({ length: 8 }, (_, index) => completion(3 + index));
  const { examples, dropped } = samplesOf(completions, 3);
  expect(examples).toHaveLength(3);
  expect(dropped).toMatchObject({ over_limit: 5 });
  expect(samplesOf(completions, 3)).toEqual(samplesOf(completions, 3));
  expect(samplesOf(completions, 0).examples).not.toEqual(samplesOf(completions, 0, 2n).examples);
  expect(new Set(samplesOf(completions, 0).examples)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
});

test.each([
  ['all wrong', [completion(3, { score: 0 })]],
  ['all wrong', [completion(3, { state: 'UNSCORABLE', score: 0 })]],
  ['empty', [completion(3, { state: 'TRUNCATED', score: 0 }), completion(4, { state: 'ERROR', score: 0 })]],
] as const)('a problem without a right completion is skipped: %s', (skipped, completions) => {
  expect(samplesOf([...completions])).toMatchObject({ examples: [], skipped });
});

test('the solution of a problem is its example, whatever was sampled', () => {
  const { apply } = goldSolutions;
  expect(apply(problem([], { solution: '2 + 2 = 4' }), {}, 1n)).toEqual({ examples: ['solution'], dropped: {} });
  expect(apply(problem([completion(3)]), {}, 1n)).toEqual({
    examples: [],
    dropped: { without_solution: 1 },
    skipped: 'empty',
  });
});

test('the report counts examples, and only reasons that occurred', () => {
  const report = emptyReport(rightSamples);
  for (const completions of [[completion(3), completion(4)], [completion(5, { score: 0 })], [completion(6)]])
    addToReport(report, problem(completions), samplesOf(completions));
  expect(report).toMatchObject({
    rule: 'right-samples/1',
    problems: 3,
    problemsUsed: 2,
    problemsAllWrong: 1,
    examples: 3,
    pairs: 0,
    dropped: {},
  });
});

test('settings that a rule does not have are refused', () => {
  expect(readSettings(rightSamples.settings, {}, 'settings')).toEqual({ per_problem: 0 });
  expect(() => readSettings(goldSolutions.settings, { per_problem: 1 }, 'settings')).toThrow(/settings.per_problem/);
});
