/** The dataset rules that settings name: every mapping with a rule and an address, as `ruleSettings` makes them. */
import { pathOf } from '@hone/settings';
import type { RuleSettings } from '../settings/rule.ts';

/** A rule with the path of its settings. */
export interface NamedRule {
  readonly field: string;
  readonly settings: RuleSettings;
}

export function rulesIn(value: unknown, path: readonly PropertyKey[] = []): NamedRule[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => rulesIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const { rule, address } = value as Partial<RuleSettings>;
  if (typeof rule === 'string' && typeof address === 'string')
    return [{ field: pathOf(path), settings: value as RuleSettings }];
  return Object.entries(value).flatMap(([key, held]) => rulesIn(held, [...path, key]));
}
