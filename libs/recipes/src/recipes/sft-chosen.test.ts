import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { sftChosen } from './sft-chosen.ts';

test('M_0 is sampled once, and fine-tuned on what is right, at most the K of the pairs of a problem', async () => {
  const { loop, lines } = recordedLoop();
  await sftChosen.run(loop, settingsOf(sftChosen, {}, 'settings'));
  expect(lines.filter((line) => !/evaluate|publish/.test(line))).toEqual([
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 build right-samples 10 of v1',
    '1 train base against base on d1 at 7e-7',
  ]);
});

test('another limit, or another rule with its own settings, can be named', () => {
  const examples = (given: object) => settingsOf(sftChosen, { examples: given }, 'settings').examples;
  expect(examples({ per_problem: 3 })).toMatchObject({ rule: 'right-samples', per_problem: 3 });
  expect(examples({ rule: 'mine' })).not.toHaveProperty('per_problem');
});
