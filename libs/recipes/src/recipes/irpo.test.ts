import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { irpo } from './irpo.ts';

const run = async (given: object, results = {}) => {
  const { loop, lines } = recordedLoop(results);
  await irpo.run(loop, settingsOf(irpo, given, 'settings'));
  return lines;
};

test('every model is sampled, paired and trained from itself, and is the reference', async () => {
  expect(await run({ iterations: 2 })).toEqual([
    '0 evaluate base on test',
    '0 publish base',
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 build cycle of v1',
    '1 train base against base on d1 at 7e-7',
    '1 evaluate m1 on test',
    '1 publish m1',
    '2 sample 30 of m1 at 0.8',
    '2 score c2',
    '2 build cycle of v2',
    '2 train m1 against m1 on d2 at 7e-7',
    '2 evaluate m2 on test',
    '2 publish m2',
  ]);
});

test('scheduled changes hold from their iteration on', async () => {
  const schedule = [
    { from_iteration: 2, temperature: 1.3, pairs_per_problem: 5 },
    { from_iteration: 3, learning_rate: 1e-7, samples_per_problem: 20 },
  ];
  const lines = await run({ iterations: 3, schedule });
  expect(lines.filter((line) => /sample|build|train/.test(line))).toEqual([
    '1 sample 30 of base at 0.8',
    '1 build cycle of v1',
    '1 train base against base on d1 at 7e-7',
    '2 sample 30 of m1 at 1.3',
    '2 build cycle 5 of v2',
    '2 train m1 against m1 on d2 at 7e-7',
    '3 sample 20 of m2 at 1.3',
    '3 build cycle 5 of v3',
    '3 train m2 against m2 on d3 at 1e-7',
  ]);
});

test('with replay the latest samples come first, and behind them those of so many iterations before', async () => {
  const lines = await run({ iterations: 4, replay: 2 });
  expect(lines.filter((line) => line.includes('build'))).toEqual([
    '1 build cycle of v1',
    '2 build cycle of v2, v1',
    '3 build cycle of v3, v2, v1',
    '4 build cycle of v4, v3, v2',
  ]);
});

test('a run that chooses ends where its choice says so, with the model measured and published', async () => {
  const stop = (checkpoint: string) => (checkpoint === 'm1' ? 'no better' : undefined);
  const lines = await run({ iterations: 5, select: {} }, { stop });
  expect(lines.slice(-3)).toEqual(['1 select m1', '1 evaluate m1 on test', '1 publish m1']);
});

const [A, B] = ['a', 'b'].map((digit) => `datasets/${digit.repeat(64)}`);

test('a warm-up repeats a stage from where it ended until its target is reached', async () => {
  const warm_up = [{ dataset: A, target_accuracy: 0.8, max_rounds: 3 }, { dataset: B }];
  const greedy = (checkpoint: string) => (checkpoint === 'stage-0-round-2m0' ? 0.9 : 0.1);
  const lines = await run({ iterations: 1, warm_up }, { greedy });
  expect(lines.slice(0, 6)).toEqual([
    `0 stage-0/round-1 base against base on ${A} at 7e-7`,
    '0 stage-0/round-1/measured stage-0-round-1m0 on validation',
    `0 stage-0/round-2 stage-0-round-1m0 against stage-0-round-1m0 on ${A} at 7e-7`,
    '0 stage-0/round-2/measured stage-0-round-2m0 on validation',
    `0 stage-1/round-1 stage-0-round-2m0 against stage-0-round-2m0 on ${B} at 7e-7`,
    '0 evaluate stage-1-round-1m0 on test',
  ]);
});

test('a warm-up whose target is missed ends the run with what would help', async () => {
  const warm_up = [{ dataset: A, target_accuracy: 0.8, max_rounds: 2 }];
  await expect(run({ warm_up }, { greedy: () => 0.25 })).rejects.toMatchObject({
    reason: 'WARM_UP_TARGET_MISSED',
    message: expect.stringMatching(/25.0 % after 2 round.*80.0 %/),
  });
});
