import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { sftGold } from './sft-gold.ts';

test('M_0 is trained on the solutions of all problems, without a sample', async () => {
  const { loop, lines } = recordedLoop();
  await sftGold.run(loop, settingsOf(sftGold, {}, 'settings'));
  expect(lines).toEqual([
    '0 evaluate base on test',
    '0 publish base',
    '1 build gold-solutions of all problems',
    '1 train base against base on d1 at 7e-7',
    '1 evaluate m1 on test',
    '1 publish m1',
  ]);
});

test('what is asked of sampling is refused', () => {
  expect(() => settingsOf(sftGold, { samples_per_problem: 4 }, 'settings')).toThrow(/samples_per_problem: is no/);
});
