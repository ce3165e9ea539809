import { schemaOf } from '@hone/settings';
import { expect, test } from 'vitest';
import { findRule, RULES } from './index.ts';

test('rules are listed by name, each once', () => {
  const names = RULES.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  expect(findRule('cycle')?.name).toBe('cycle');
  expect(findRule('no-such')).toBeUndefined();
});

test.each(RULES.map((rule) => [rule.name, rule] as const))('%s says what it is, and every setting of it', (_, rule) => {
  expect(rule.name).toMatch(/^[a-z][a-z0-9-]*$/);
  expect(rule.version).toBeGreaterThan(0);
  expect(rule.summary).not.toBe('');
  expect(rule.source).not.toBe('');
  const { properties } = schemaOf(rule.settings) as { properties: Record<string, object> };
  for (const property of Object.values(properties))
    expect(property).toMatchObject({ default: expect.anything(), description: expect.stringMatching(/\.$/) });
});
