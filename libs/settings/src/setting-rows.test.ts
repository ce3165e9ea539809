import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaOf, settingRows, type JsonSchema } from './index.ts';

const schema = z.strictObject({
  count: z.int().min(1).max(5).default(2).describe('How many.'),
  share: z.number().gt(0).max(1).optional(),
  rate: z.number().min(0).lt(0.5).default(0),
  side: z.enum(['left', 'right']).default('left'),
  texts: z.array(z.string()).default([]),
  inner: z
    .strictObject({ on: z.boolean().default(true).describe('Whether.') })
    .prefault({})
    .describe('A part.'),
  steps: z.array(z.strictObject({ at: z.int().min(0) })).default([]),
});

test('of a long text the beginning is told', () => {
  const long = z.strictObject({ template: z.string().default(`one\n${'two '.repeat(40)}`) });
  const [{ initial } = { initial: '' }] = settingRows(schemaOf(long) as JsonSchema);
  expect(initial).toBe(JSON.stringify(`one\n${'two '.repeat(11)}tw …`));
});

test('a schema is a row each key, in order, those of mappings and of lists behind them', () => {
  const rows = settingRows(schemaOf(schema) as JsonSchema);
  expect(rows.map(({ key, initial = '', range }) => [key, initial, range])).toEqual([
    ['count', '2', 'a whole number from 1 to 5'],
    ['share', '', 'a number above 0 and up to 1'],
    ['rate', '0', 'a number from 0 below 0.5'],
    ['side', '"left"', 'left, right'],
    ['texts', '[]', 'a list, each text'],
    ['inner', '', ''],
    ['inner.on', 'true', 'true or false'],
    ['steps', '[]', 'a list'],
    ['steps[].at', '', 'a whole number from 0'],
  ]);
  expect(rows.filter(({ description }) => description !== '').map(({ description }) => description)).toEqual([
    ...['How many.', 'A part.', 'Whether.'],
  ]);
});
