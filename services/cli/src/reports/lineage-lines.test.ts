import { CheckpointOrigin, DescribeLineageResponse, LineageNode } from '@hone/contracts';
import { expect, it } from 'vitest';
import { lineageText } from './lineage-lines.ts';

const recipe = {
  scorer: { name: 'gsm8k', version: '2' },
  templateDigests: ['eb6f97127a22f913ebd5'],
  templateDates: ['2024-07-26'],
  engines: ['onnxruntime'],
  weightPrecisions: ['WEIGHT_PRECISION_INT8'],
  spec: { loss: { version: 1, preference: 'sigmoid', settings: { beta: 0.1 } } },
  seed: '7',
  codeVersion: '0.1.0',
};
const digest = (letter: string): string => letter.repeat(64);
const node = (letter: string, fields: object, evaluations: object[] = []) =>
  LineageNode.fromPartial({
    checkpoint: { name: `checkpoints/${digest(letter)}`, displayName: `model ${letter}`, ...fields },
    evaluations: evaluations as never,
  });
const base = node('a', {
  origin: CheckpointOrigin.IMPORTED,
  deleteTime: new Date(0),
  recipeJson: '{"source":"org/a@1"}',
});
const made = { parent: `checkpoints/${digest('a')}`, run: 'runs/r', recipeJson: JSON.stringify(recipe) };
const greedy = { accuracy: 0.5, lower: 0.4, upper: 0.6, correct: 5, total: 10 };
const first = node('b', { ...made, iteration: 1, dataset: `datasets/${digest('d')}` }, [
  { benchmark: 'gsm8k test', evaluation: { greedy } },
]);

it('a lineage tells of each checkpoint who made it, of what, and how it scored', () => {
  const text = lineageText(DescribeLineageResponse.fromPartial({ ancestors: [first, base] }));
  expect(text).toBe(
    [
      'checkpoints/bbbbbbbbbbbb  model b  (runs/r M_1)',
      '    data: datasets/dddddddddddd',
      '    scorer: gsm8k 2',
      '    template: eb6f97127a22',
      '    template date: 2024-07-26',
      '    drawn by: onnxruntime int8',
      '    loss: preference=sigmoid beta=0.1',
      '    seed: 7',
      '    code: 0.1.0',
      '    scored: gsm8k test: greedy 50.0 [40.0, 60.0] of 10',
      '← checkpoints/aaaaaaaaaaaa  model a  (imported, deleted)',
      '    from: org/a@1',
    ].join('\n'),
  );
});

it('what came of a checkpoint stands below it as a tree', () => {
  const second = node('c', { parent: `checkpoints/${digest('b')}`, run: 'runs/r', iteration: 2 });
  const other = node('e', { parent: `checkpoints/${digest('a')}`, run: 'runs/s', iteration: 1 });
  const lineage = { ancestors: [base], descendants: [first, other, second], descendantCount: 5 };
  const heads = lineageText(DescribeLineageResponse.fromPartial(lineage))
    .split('\n')
    .filter((line) => !/^ *(?:from|data|scorer|template|template date|drawn by|loss|seed|code|scored):/.test(line));
  expect(heads).toEqual([
    'checkpoints/aaaaaaaaaaaa  model a  (imported, deleted)',
    '  → checkpoints/bbbbbbbbbbbb  model b  (runs/r M_1)',
    '    → checkpoints/cccccccccccc  model c  (runs/r M_2)',
    '  → checkpoints/eeeeeeeeeeee  model e  (runs/s M_1)',
    '… and 2 more that came of it',
  ]);
});

it('a recipe of unknown form hides nothing else', () => {
  const odd = node('b', { ...made, recipeJson: '{"scorer":"text"}' });
  expect(lineageText(DescribeLineageResponse.fromPartial({ ancestors: [odd] }))).toMatch(/^checkpoints\/b/);
});
