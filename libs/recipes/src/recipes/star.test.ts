import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { star } from './star.ts';

const run = async (given: object) => {
  const { loop, lines } = recordedLoop();
  await star.run(loop, settingsOf(star, given, 'settings'));
  return lines.filter((line) => !/evaluate|publish/.test(line));
};

test('the latest model is sampled, and M_0 is trained on all of its right samples', async () => {
  expect(await run({ iterations: 2 })).toEqual([
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 build right-samples of v1',
    '1 train base against base on d1 at 7e-7',
    '2 sample 30 of m1 at 0.8',
    '2 score c2',
    '2 build right-samples of v2',
    '2 train base against base on d2 at 7e-7',
  ]);
});

test('one sample of a problem is enough', async () => {
  expect(await run({ samples_per_problem: 1 })).toContain('1 sample 1 of base at 0.8');
});

test('with rationalisation, problems without a right sample are drawn again with a hint, and trained on beside the others', async () => {
  expect(await run({ rationalisation: { hint: 'It is {answer}. ' } })).toEqual([
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 rationalise 30 of base at 0.8 where v1 has none right, with It is {answer}. ',
    '1 score c1-hinted',
    '1 build right-samples of v1, v1-hinted',
    '1 train base against base on d1 at 7e-7',
  ]);
  await expect(run({ rationalisation: { hint: 'Think.' } })).rejects.toThrow(/hint: must have \{answer\}/);
});
