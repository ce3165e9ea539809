import { expect, test } from 'vitest';
import { z } from 'zod';
import { readSettings, schemaOf, violationsOf } from './index.ts';

const schema = z.strictObject({
  count: z.int().min(1).max(5).default(2).describe('How many.'),
  side: z.enum(['left', 'right']).default('left').describe('Which side.'),
  steps: z.array(z.strictObject({ rate: z.number().positive().describe('How fast.') })).default([]),
});

test('what is not given has its default', () => {
  expect(readSettings(schema, {}, 'x')).toEqual({ count: 2, side: 'left', steps: [] });
  expect(readSettings(schema, { count: 5, steps: [{ rate: 0.5 }] }, 'x')).toMatchObject({ count: 5, side: 'left' });
});

test.each<[field: string, rule: RegExp, given: unknown]>([
  ['config.count', /must be at least 1, but is 0/, { count: 0 }],
  ['config.count', /must be at most 5, but is 6/, { count: 6 }],
  ['config.count', /must be a whole number, but is 1.5/, { count: 1.5 }],
  ['config.count', /must be a number, but is "2"/, { count: '2' }],
  ['config.side', /must be one of left, right, but is "up"/, { side: 'up' }],
  ['config.side', /must be one of left, right, but is null/, { side: null }],
  ['config.steps[0].rate', /must be above 0, but is -1/, { steps: [{ rate: -1 }] }],
  ['config.steps[0].rate', /must be set/, { steps: [{}] }],
  ['config.steps[0].other', /is no setting/, { steps: [{ rate: 1, other: 1 }] }],
  ['config.other', /is no setting: there are count, side, steps/, { other: 1 }],
  ['config', /must be a mapping of keys to values/, [1]],
])('a broken rule is told by the way to its key: %s %s', (field, rule, given) => {
  try {
    readSettings(schema, given, 'config');
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
    expect((thrown as Error).message).toMatch(rule);
  }
});

test('all broken rules are told at once', () => {
  const fields = ['count', 'side', 'a', 'b'].map((name) => ({ field: `s.${name}` }));
  const given = { count: 0, side: 1, a: 1, b: 2 };
  expect(() => readSettings(schema, given, 's')).toThrow(
    expect.objectContaining({ violations: fields.map((field) => expect.objectContaining(field)) }),
  );
});

test('the JSON schema has defaults, ranges and descriptions', () => {
  expect(schemaOf(schema)).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: {
      count: { type: 'integer', minimum: 1, maximum: 5, default: 2, description: 'How many.' },
      side: { enum: ['left', 'right'], default: 'left', description: 'Which side.' },
    },
  });
});

test.each<[field: string, rule: string, given: unknown]>([
  ['x.cuont', 'did you mean count?', { cuont: 1 }],
  ['x.rate', 'did you mean steps.rate?', { rate: 1 }],
  ['x.steps[0].raet', 'did you mean steps.rate?', { steps: [{ rate: 1, raet: 1 }] }],
])('the key that was meant is told: %s', (field, rule, given) => {
  expect(() => readSettings(schema, given, 'x')).toThrow(`${field}: is no setting (${rule})`);
});

test.each<[rule: RegExp, given: unknown]>([
  [/x\.count: must be a finite number, but is NaN/, { count: NaN }],
  [/x\.count: must be a finite number, but is -Infinity/, { count: -Infinity }],
  [/x\.free\.any\[1\]: must not be -0/, { free: { any: [0, -0] } }],
  [/must not be nested 16 deep/, { free: Array.from({ length: 10_000 }).reduce((inner) => [inner], 1) }],
  [/x\.free: must be a mapping .* without the key __proto__/, { free: Object.create({ hidden: 1 }) as object }],
])('what JSON cannot state, and what no person writes, is refused wherever it stands: %s', (rule, given) => {
  const open = z.strictObject({ count: z.number().default(1), free: z.unknown().optional() });
  expect(() => readSettings(open, given, 'x')).toThrow(rule);
});

test('a request with very many faults is answered with a few', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key-number-${index}`, index]));
  expect(violationsOf(schema, many)).toHaveLength(20);
  expect(violationsOf(schema, { steps: Array.from({ length: 10_000 }, () => -0) }).length).toBeLessThanOrEqual(100);
});
