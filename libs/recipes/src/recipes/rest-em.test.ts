import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { restEm } from './rest-em.ts';

const settings = (given: object) => settingsOf(restEm, given, 'settings');

test('the latest model is sampled, and M_0 is trained on its right samples, in every iteration anew', async () => {
  const { loop, lines } = recordedLoop();
  await restEm.run(loop, settings({ iterations: 3 }));
  expect(lines.filter((line) => /sample|train/.test(line))).toEqual([
    '1 sample 32 of base at 0.7',
    '1 build right-samples 10 of v1',
    '1 train base against base on d1 at 7e-7',
    '2 sample 32 of m1 at 0.7',
    '2 build right-samples 10 of v2',
    '2 train base against base on d2 at 7e-7',
    '3 sample 32 of m2 at 0.7',
    '3 build right-samples 10 of v3',
    '3 train base against base on d3 at 7e-7',
  ]);
});

test('its defaults are those of its paper for MATH', () => {
  expect(settings({})).toMatchObject({ sampling: { temperature: 0.7, top_k: 40 }, examples: { per_problem: 10 } });
  expect(settings({ sampling: { top_k: 0 } }).sampling).toMatchObject({ temperature: 0.7, top_k: 0 });
});
