import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { expertIteration } from './expert-iteration.ts';

const trainings = async (given: object) => {
  const { loop, lines } = recordedLoop();
  await expertIteration.run(loop, settingsOf(expertIteration, { iterations: 3, ...given }, 'settings'));
  return lines.filter((line) => /build|train/.test(line));
};

test('right samples of the latest model are trained on from it', async () => {
  expect(await trainings({})).toEqual([
    '1 build right-samples of v1',
    '1 train base against base on d1 at 7e-7',
    '2 build right-samples of v2',
    '2 train m1 against m1 on d2 at 7e-7',
    '3 build right-samples of v3',
    '3 train m2 against m2 on d3 at 7e-7',
  ]);
});

test('with start m0 every training starts from M_0', async () => {
  const starts = (await trainings({ start: 'm0' }))
    .filter((line) => line.includes('train'))
    .map((line) => line.split(' ')[2]);
  expect(starts).toEqual(['base', 'base', 'base']);
});
