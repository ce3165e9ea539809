import { expect, test } from 'vitest';
import type { JudgedCompletion } from '../rule.ts';
import { groupAdvantages } from './group-advantages.ts';

const completion = (score: number, fields: Partial<JudgedCompletion> = {}): JudgedCompletion => ({
  ...{ tokenIds: Int32Array.of(7, 2), text: 'text', state: 'SCORED', score, answer: '', truncated: false },
  ...fields,
});
const advantagesOf = (completions: JudgedCompletion[], given: object = {}) =>
  groupAdvantages.apply(
    { id: 'p', promptTokenIds: Int32Array.of(1), gold: '', solution: '', completions },
    groupAdvantages.settings.parse(given),
    1n,
  );
const values = (of: ReturnType<typeof advantagesOf>) => of.advantages?.map(({ advantage }) => advantage);

test("an advantage is the reward less the group's mean, over its standard deviation", () => {
  // Mean 0.5, sample variance (0.25 + 0.25 + 0 + 0) / 3.
  const outcome = advantagesOf([completion(1), completion(0), completion(0.5), completion(0.5)]);
  const deviation = Math.sqrt(0.5 / 3) + 1e-4;
  values(outcome)!.forEach((value, i) => expect(value).toBeCloseTo([0.5, -0.5, 0, 0][i]! / deviation, 12));
  expect(outcome.advantages!.map(({ completion: at }) => at)).toEqual([0, 1, 2, 3]);
  expect(values(advantagesOf([completion(1), completion(0)], { scale: 'none' }))).toEqual([0.5, -0.5]);
});

test('what has no readable answer or was cut off has the reward 0, and what the scorer failed at is left out', () => {
  const completions = [
    completion(1),
    completion(0, { state: 'UNSCORABLE' }),
    completion(1, { truncated: true }),
    completion(0, { state: 'ERROR' }),
    completion(0, { state: 'TRUNCATED' }),
  ];
  const lost = advantagesOf(completions, { scale: 'none' });
  expect(lost.advantages!.map(({ completion: at }) => at)).toEqual([0, 1, 2, 4]);
  expect(values(lost)).toEqual([0.75, -0.25, -0.25, -0.25]);
  expect(lost.dropped).toEqual({ truncated: 0, errors: 1 });
  const dropped = advantagesOf(completions, { scale: 'none', truncated: 'drop' });
  expect(dropped.advantages!.map(({ completion: at }) => at)).toEqual([0, 1]);
  expect(dropped.dropped).toEqual({ truncated: 2, errors: 1 });
});

test.each([
  ['all right', [completion(1), completion(1)]],
  ['all wrong', [completion(0), completion(0, { state: 'UNSCORABLE' })]],
  ['all wrong', [completion(0.5), completion(0.5)]],
  ['empty', [completion(1, { state: 'ERROR' })]],
] as const)('a problem whose rewards are all the same gives nothing: %s', (skipped, completions) => {
  const outcome = advantagesOf([...completions]);
  expect([outcome.advantages, outcome.skipped]).toEqual([undefined, skipped]);
});
