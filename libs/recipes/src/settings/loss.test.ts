import { findLoss } from '@hone/losses';
import { readSettings, violationsOf } from '@hone/settings';
import { expect, test } from 'vitest';
import { loss } from './loss.ts';
import { settingsAt, type Scheduled } from './schedule.ts';
import { preferenceTraining } from './training.ts';

test('an empty loss is the one of the paper', () => {
  expect(readSettings(loss, {}, 'loss')).toEqual({
    preference: 'sigmoid',
    beta: 0.1,
    label_smoothing: 0,
    nll_alpha: 1,
    nll_reduction: 'SEQUENCE_MEAN',
  });
});

test('a training has the settings of its own loss alone, and other keys keep their places', () => {
  const training = readSettings(preferenceTraining, { preference: 'ipo', learning_rate: 1e-5 }, 'training');
  expect(training).toMatchObject({ preference: 'ipo', beta: 0.1, learning_rate: 1e-5, stop_when_chosen_falls: false });
  expect(training).not.toHaveProperty('label_smoothing');
});

test.each([
  [{ preference: 'ipo', label_smoothing: 0.1 }, 'label_smoothing', /is no setting of preference ipo, which has beta/],
  [{ preference: 'sigmoid', beta: 0 }, 'beta', /must be above 0, but is 0/],
  [{ preference: 'robust', label_smoothing: 0.5 }, 'label_smoothing', /must be below 0.5, but is 0.5/],
  [{ preference: 'robst' }, 'preference', /must be one of dpo, sigmoid,/],
])('%o is refused by name', (given, field, rule) => {
  expect(violationsOf(preferenceTraining, given)).toEqual([{ field, description: expect.stringMatching(rule) }]);
});

test('a scheduled loss takes the place of all settings of the one before it', () => {
  const training = readSettings(preferenceTraining, { preference: 'sigmoid', label_smoothing: 0.2 }, 'training');
  const change = { from_iteration: 2, loss: readSettings(loss, { preference: 'hinge', beta: 0.5 }, 'loss') };
  const settings = { training, schedule: [change], sampling: {}, pairs: {}, samples_per_problem: 2 };
  const { training: later } = settingsAt(settings as unknown as Scheduled, 2);
  expect(later).toMatchObject({ preference: 'hinge', beta: 0.5 });
  expect(Object.keys(findLoss('sigmoid')!.settings.shape)).toContain('label_smoothing');
  expect(later).not.toHaveProperty('label_smoothing');
});
