import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { spin } from './spin.ts';

const run = async (given: object) => {
  const { loop, lines } = recordedLoop();
  await spin.run(loop, settingsOf(spin, given, 'settings'));
  return lines.filter((line) => !/evaluate|publish/.test(line));
};

test('one sample of every model loses against the solution, with that of the model before; nothing is scored', async () => {
  expect(await run({ iterations: 3 })).toEqual([
    '1 sample 1 of base at 0.8',
    '1 build spin of c1',
    '1 train base against base on d1 at 5e-7',
    '2 sample 1 of m1 at 0.8',
    '2 build spin of c2, c1',
    '2 train m1 against m1 on d2 at 5e-7',
    '3 sample 1 of m2 at 0.8',
    '3 build spin of c3, c2',
    '3 train m2 against m2 on d3 at 5e-7',
  ]);
});

test('earlier samples can be left out', async () => {
  expect(await run({ iterations: 2, replay: 0 })).toContain('2 build spin of c2');
});

test('as many pairs can be asked for as there are samples, and its loss is logistic without NLL', () => {
  const given = { samples_per_problem: 2, pairs: { per_problem: 2 } };
  expect(settingsOf(spin, given, 'settings').training).toMatchObject({
    preference: 'sigmoid',
    nll_alpha: 0,
    epochs: 2,
  });
});
