import { expect, test } from 'vitest';
import { checkScheduledPairs } from './schedule.ts';

test('pairs a problem change only where the rule has such a setting', () => {
  const schedule = [
    { from_iteration: 1, temperature: 1 },
    { from_iteration: 2, pairs_per_problem: 4 },
  ];
  const pairs = { rule: 'cycle', makes: 'pairs' as const, address: '', most_in_all: 0 };
  expect(checkScheduledPairs({ schedule, pairs: { ...pairs, per_problem: 10 } })).toEqual([]);
  expect(checkScheduledPairs({ schedule, pairs: { ...pairs, rule: 'combine', stages: [] } })).toEqual([
    { field: 'schedule[1].pairs_per_problem', description: expect.stringMatching(/rule combine has no setting/) },
  ]);
  expect(checkScheduledPairs({})).toEqual([]);
});
