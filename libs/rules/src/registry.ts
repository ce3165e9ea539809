import * as found from './generated/rules.ts';
import type { Rule } from './rule.ts';

/** Every file in rules/, by name. */
export const RULES = (Object.values(found) as unknown as readonly Rule[]).toSorted((left, right) =>
  left.name.localeCompare(right.name),
);

/** The rule of this name. */
export const findRule = (name: string): Rule | undefined => RULES.find((rule) => rule.name === name);

/** "cycle/1": what makes the same pairs of the same input. */
export const versionedName = ({ name, version }: Pick<Rule, 'name' | 'version'>): string => `${name}/${version}`;
