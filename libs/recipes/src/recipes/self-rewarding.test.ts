import { expect, test } from 'vitest';
import { settingsOf, violationsOf, type Recipe } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { selfRewarding } from './self-rewarding.ts';

const settings = (given: object) => settingsOf(selfRewarding, given, 'settings');

const run = async (given: object) => {
  const { loop, lines } = recordedLoop();
  await selfRewarding.run(loop, settings(given));
  return lines.filter((line) => !/evaluate|publish/.test(line));
};

test('every model judges what it sampled itself, three times, and is trained on its best over its worst', async () => {
  expect(await run({ iterations: 2 })).toEqual([
    '1 sample 4 of base at 0.7',
    '1 score c1 by base, 3 times',
    '1 build best-worst of v1',
    '1 train base against base on d1 at 0.000001',
    '2 sample 4 of m1 at 0.7',
    '2 score c2 by m1, 3 times',
    '2 build best-worst of v2',
    '2 train m1 against m1 on d2 at 0.000001',
  ]);
});

test('where new prompts are asked for, the model writes them before it samples on them', async () => {
  expect((await run({ iterations: 2, new_prompts: { count: 9 } })).filter((line) => /write|sample/.test(line))).toEqual(
    ['1 write 9 by base', '1 sample 4 of base at 0.7 on p1', '2 write 9 by m1', '2 sample 4 of m1 at 0.7 on p2'],
  );
});

test("its defaults are its paper's", () => {
  expect(settings({})).toMatchObject({
    samples_per_problem: 4,
    sampling: { temperature: 0.7, top_p: 0.9 },
    judge: { draws: 3, points: 5, temperature: 0.7, top_p: 0.9 },
    training: { preference: 'sigmoid', beta: 0.1, nll_alpha: 0, learning_rate: 1e-6, batch_size: 16 },
  });
  expect(settings({ new_prompts: { count: 1 } }).new_prompts).toMatchObject({
    ...{ examples: 8, temperature: 0.6, top_p: 0.9 },
  });
});

test.each<[string, object]>([
  ['judge.template', { judge: { template: 'Grade {problem}.' } }],
  ['judge.label', { judge: { label: 5 } }],
  ['judge.points', { judge: { points: 0 } }],
  ['judge.draws', { judge: { draws: 101 } }],
  ['judge.temperature', { judge: { temperature: 0 } }],
  ['judge.format', { judge: { format: 'image' } }],
  ['new_prompts.count', { new_prompts: {} }],
  ['new_prompts.template', { new_prompts: { count: 1, template: 'Write one.' } }],
  ['new_prompts.separator', { new_prompts: { count: 1, separator: '' } }],
  ['new_prompts.examples', { new_prompts: { count: 1, examples: 0 } }],
])('a setting that breaks a rule is refused with its name: %s', (field, given) => {
  expect(violationsOf(selfRewarding as unknown as Recipe, given)).toMatchObject([{ field }]);
});
