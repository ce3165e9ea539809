import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { dpo } from './dpo.ts';

const run = async (given: object, results = {}) => {
  const { loop, lines } = recordedLoop(results);
  await dpo.run(loop, settingsOf(dpo, given, 'settings'));
  return lines;
};

test('M_0 is sampled once, and trained on its own pairs from itself and against itself', async () => {
  expect(await run({})).toEqual([
    '0 evaluate base on test',
    '0 publish base',
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 build cycle of v1',
    '1 train base against base on d1 at 7e-7',
    '1 evaluate m1 on test',
    '1 publish m1',
  ]);
});

test('its loss is DPO alone, unless an NLL is asked for', () => {
  const training = (given: object) => settingsOf(dpo, { training: given }, 'settings').training;
  expect(training({})).toMatchObject({ preference: 'sigmoid', beta: 0.1, nll_alpha: 0 });
  expect(training({ beta: 0.5 })).toMatchObject({ beta: 0.5, nll_alpha: 0 });
  expect(training({ nll_alpha: 0.1 })).toMatchObject({ nll_alpha: 0.1 });
});

test('there are no iterations to ask for', () => {
  expect(() => settingsOf(dpo, { iterations: 2 }, 'settings')).toThrow(/settings\.iterations: is no setting/);
});
