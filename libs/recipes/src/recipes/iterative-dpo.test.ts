import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { iterativeDpo } from './iterative-dpo.ts';

const settings = (given: object) => settingsOf(iterativeDpo, given, 'settings');

test('every model is sampled, paired and trained from itself and against itself, as scheduled', async () => {
  const { loop, lines } = recordedLoop();
  await iterativeDpo.run(loop, settings({ iterations: 2, schedule: [{ from_iteration: 2, temperature: 1.3 }] }));
  expect(lines.filter((line) => !/evaluate|publish/.test(line))).toEqual([
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 build cycle of v1',
    '1 train base against base on d1 at 7e-7',
    '2 sample 30 of m1 at 1.3',
    '2 score c2',
    '2 build cycle of v2',
    '2 train m1 against m1 on d2 at 7e-7',
  ]);
});

test('its loss has no NLL', () => {
  expect(settings({}).training).toMatchObject({ preference: 'sigmoid', nll_alpha: 0 });
});
