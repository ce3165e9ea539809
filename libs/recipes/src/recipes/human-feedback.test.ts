import { expect, test } from 'vitest';
import { settingsOf, violationsOf, type Recipe } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { humanFeedback } from './human-feedback.ts';

const run = async (given: object): Promise<readonly string[]> => {
  const { loop, lines } = recordedLoop();
  await humanFeedback.run(loop, settingsOf(humanFeedback, given, 'settings'));
  return lines;
};

test('people compare what every model says, no scorer is asked, and each is trained from itself', async () => {
  const feedback = { annotators_per_item: 3, comparisons_per_problem: 2 };
  expect(await run({ iterations: 2, samples_per_problem: 4, feedback })).toEqual([
    '0 evaluate base on test',
    '0 publish base',
    '1 sample 4 of base at 0.8',
    '1 feedback of 3 people on 2 of c1',
    '1 build majority of h1',
    '1 train base against base on d1 at 7e-7',
    '1 evaluate m1 on test',
    '1 publish m1',
    '2 sample 4 of m1 at 0.8',
    '2 feedback of 3 people on 2 of c2',
    '2 build majority of h2',
    '2 train m1 against m1 on d2 at 7e-7',
    '2 evaluate m2 on test',
    '2 publish m2',
  ]);
});

test('with replay what people said before is trained on too', async () => {
  const lines = await run({ iterations: 3, replay: 1 });
  expect(lines.filter((line) => line.includes('build'))).toEqual([
    '1 build majority of h1',
    '2 build majority of h2, h1',
    '3 build majority of h3, h2',
  ]);
});

test('the defaults are those of DPO: two samples, one question, no NLL', () => {
  expect(settingsOf(humanFeedback, {}, 'settings')).toMatchObject({
    samples_per_problem: 2,
    feedback: { comparisons_per_problem: 1, annotators_per_item: 1, skips_to_drop: 1, enough: 1 },
    training: { preference: 'sigmoid', nll_alpha: 0 },
  });
});

test('what nobody can be asked is refused by name', () => {
  const fields = violationsOf(humanFeedback as unknown as Recipe, {
    samples_per_problem: 1,
    feedback: { annotators_per_item: 0, enough: 0, people: 3 },
  }).map(({ field }) => field);
  expect(fields.sort()).toEqual([
    'feedback.annotators_per_item',
    'feedback.enough',
    'feedback.people',
    'samples_per_problem',
  ]);
});
