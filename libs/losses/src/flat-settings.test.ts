import { expect, test } from 'vitest';
import { z } from 'zod';
import { brokenSettings, flatSettings, withDefaults } from './flat-settings.ts';
import { defineLoss, type Loss } from './loss.ts';

const loss = (name: string, settings: z.ZodObject): Loss =>
  defineLoss({
    ...{ name, version: 1, summary: name, formula: name, source: name },
    needs: { reference: true, scores: 'sum' },
    settings,
  });
const losses = [
  loss('a', z.strictObject({ beta: z.number().gt(0).default(0.1).describe('Strength.') })),
  loss('b', z.strictObject({ beta: z.number().gt(0).default(2).describe('Scale.'), gap: z.number().default(1) })),
  loss('c', z.strictObject({ gap: z.number().max(0.5).default(0) })),
];

test('a key of several losses says what it means to each, and is checked alike where all have one range', () => {
  const { beta, gap } = flatSettings(losses);
  expect(beta!.description).toBe('Strength. For a (0.1). To others what docs/reference/losses.md says: b (2).');
  expect(beta!.safeParse(0).success).toBe(false);
  expect(beta!.parse(undefined)).toBeUndefined();
  expect(gap!.safeParse(99).success).toBe(true);
  expect(gap!.safeParse('any').success).toBe(false);
});

test("what is left out has the loss's own default, and stands behind its name", () => {
  const filled = withDefaults({ rate: 1, preference: 'b', alpha: 0, gap: 3 }, losses);
  expect(Object.entries(filled)).toEqual(Object.entries({ rate: 1, preference: 'b', beta: 2, gap: 3, alpha: 0 }));
  expect(brokenSettings(filled, losses)).toEqual([]);
});

test("another loss's setting is refused, unless it stands at a default, as where only the name was changed", () => {
  const given = { preference: 'a', beta: 0.1, gap: 3 };
  expect(brokenSettings(withDefaults(given, losses), losses)).toEqual([
    { key: 'gap', rule: 'is no setting of preference a, which has beta' },
  ]);
  expect(withDefaults({ ...given, gap: 0 }, losses)).toEqual({ preference: 'a', beta: 0.1 });
});

test('a range that only this loss has is checked', () => {
  const given = { preference: 'c', gap: 0.6 };
  expect(brokenSettings(withDefaults(given, losses), losses)).toEqual([
    { key: 'gap', rule: 'must be at most 0.5, but is 0.6' },
  ]);
});
