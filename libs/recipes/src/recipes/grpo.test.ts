import { expect, test } from 'vitest';
import { settingsOf, violationsOf, type Recipe } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { grpo } from './grpo.ts';

const settings = (given: object) => settingsOf(grpo, given, 'settings');

test('the latest model is sampled and trained on its samples with their advantages, against M_0', async () => {
  const { loop, lines } = recordedLoop();
  await grpo.run(loop, settings({ iterations: 2 }));
  expect(lines.filter((line) => /sample|build|train/.test(line))).toEqual([
    '1 sample 64 of base at 1',
    '1 build group-advantages of v1',
    '1 train base against base on d1 at 0.000001',
    '2 sample 64 of m1 at 1',
    '2 build group-advantages of v2',
    '2 train m1 against base on d2 at 0.000001',
  ]);
});

test('its defaults are those of its paper', () => {
  const { training, advantages } = settings({});
  expect(training).toMatchObject({ preference: 'grpo', beta: 0.04, epsilon: 0.2, loss_type: 'grpo', nll_alpha: 0 });
  expect(training).not.toHaveProperty('label_smoothing');
  expect(advantages).toMatchObject({ rule: 'group-advantages', makes: 'advantages' });
});

test('a loss on pairs is none for advantages', () => {
  expect(violationsOf(grpo as unknown as Recipe, { training: { preference: 'sigmoid' } })).toEqual([
    { field: 'training.preference', description: expect.stringContaining('must be one of grpo') },
  ]);
});
