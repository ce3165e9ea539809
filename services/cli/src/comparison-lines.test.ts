import { CompareCheckpointsResponse } from '@hone/contracts';
import { expect, it } from 'vitest';
import { comparisonText } from './comparison-lines.ts';

const name = (letter: string): string => `checkpoints/${letter.repeat(64)}`;
const measured = (letter: string, accuracy: number) => ({
  benchmark: 'gsm8k test',
  evaluation: { checkpoint: name(letter), greedy: { accuracy, lower: accuracy - 0.1, upper: accuracy + 0.1 } },
});
const compared = CompareCheckpointsResponse.fromPartial({
  first: { name: name('a') },
  second: { name: name('b') },
  commonAncestor: name('c'),
  recipe: [
    { path: 'runSpec.iterations', firstJson: '2', secondJson: '4' },
    { path: 'runSpec.training.loss.beta', firstJson: '0.1', secondJson: '0.5' },
    { path: 'spec.loss.beta', firstJson: '0.1', secondJson: '0.5' },
    { path: 'spec.lora.rank', firstJson: '', secondJson: '8' },
  ],
  evaluations: [
    {
      first: measured('a', 0.5),
      second: measured('b', 0.4),
      comparison: {
        differences: [{ measure: 'greedy', problems: 100, difference: 0.1, lower: -0.02, upper: 0.22 }],
        mcnemar: { firstOnly: 20, secondOnly: 10, pValue: 0.0987 },
      },
    },
    { first: measured('a', 0.3), second: measured('b', 0.3) },
  ],
  secondOnly: [measured('b', 0.7)],
});

it('a comparison tells every difference of the recipes once', () => {
  const text = comparisonText(compared);
  const row = (...cells: string[]) => new RegExp(cells.map((cell) => `│ *${cell.replaceAll('.', '\\.')} *`).join(''));
  expect(text).toMatch(row('spec.loss.beta', '0.1', '0.5'));
  expect(text).toMatch(row('spec.lora.rank', '(none)'.replace(/[()]/g, '\\$&'), '8'));
  expect(text).toMatch(row('runSpec.iterations', '2', '4'));
  expect(text).not.toContain('runSpec.training.loss.beta');
});

it('a comparison tells scores with intervals, paired where the outcomes are there, and what only one has', () => {
  const lines = comparisonText(compared).split('\n');
  expect(lines).toContain('gsm8k test: greedy 50.0 [40.0, 60.0]  against  greedy 40.0 [30.0, 50.0]');
  expect(lines).toContain('  greedy: +10.0 [-2.0, +22.0] over 100 problems, paired');
  expect(lines).toContain('  only the first solves 20, only the second 10: p = 0.0987 (McNemar, exact)');
  expect(lines).toContain('  the outcomes are not in the store any more: no paired comparison');
  expect(lines.at(-1)).toBe('gsm8k test: greedy 70.0 [60.0, 80.0], checkpoints/bbbbbbbbbbbb alone');
  expect(comparisonText(CompareCheckpointsResponse.fromPartial({ ...compared, recipe: [] }))).toMatch(
    /recipes are the same/,
  );
});
