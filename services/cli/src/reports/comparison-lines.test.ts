import { CompareCheckpointsResponse } from '@hone/contracts';
import { expect, it } from 'vitest';
import { comparisonText } from './comparison-lines.ts';

const name = (letter: string): string => `checkpoints/${letter.repeat(64)}`;
const measured = (letter: string, accuracy: number) => ({
  benchmark: 'gsm8k test',
  evaluation: {
    checkpoint: name(letter),
    greedy: { accuracy, total: 100, lower: accuracy - 0.1, upper: accuracy + 0.1 },
  },
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
        differences: [{ measure: 'greedy', problems: 100, difference: -0.1, lower: -0.22, upper: 0.02 }],
        mcnemar: { firstOnly: 20, secondOnly: 10, pValue: 0.0987 },
      },
    },
    { first: measured('a', 0.3), second: measured('b', 0.3) },
  ],
  secondOnly: [measured('b', 0.7)],
});

it('a comparison tells every difference of the recipes once; what only one has is no row', () => {
  const lines = comparisonText(compared).split('\n');
  const row = (...cells: string[]) => new RegExp(`^${cells.map((cell) => cell.replaceAll('.', '\\.')).join(' +')}$`);
  expect(lines).toContainEqual(expect.stringMatching(row('recipe', 'A', 'B')));
  expect(lines).toContainEqual(expect.stringMatching(row('spec.loss.beta', '0.1', '0.5')));
  expect(lines).toContainEqual(expect.stringMatching(row('runSpec.iterations', '2', '4')));
  expect(lines).toContain('only in the recipe of B: spec.lora.rank = 8');
  expect(lines.join()).not.toMatch(/runSpec\.training\.loss\.beta|none\)/);
});

it('a comparison tells scores with intervals and N, B - A where the outcomes are there, and what only one has', () => {
  const lines = comparisonText(compared).split('\n');
  expect(lines).toContain('gsm8k test: A greedy 50.0 [40.0, 60.0] of 100; B greedy 40.0 [30.0, 50.0] of 100');
  expect(lines).toContain('  greedy: B - A = -10.0 [-22.0, +2.0] over 100 problems, paired');
  expect(lines).toContain('  only B solves 10, only A 20: p = 0.0987 (McNemar, exact)');
  expect(lines).toContain('  the outcomes are not in the store any more: no paired comparison');
  expect(lines.at(-1)).toBe('gsm8k test: greedy 70.0 [60.0, 80.0] of 100, checkpoints/bbbbbbbbbbbb alone');
  expect(comparisonText(CompareCheckpointsResponse.fromPartial({ ...compared, recipe: [] }))).toMatch(
    /recipes are the same/,
  );
});
