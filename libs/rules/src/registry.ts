import { registered } from '@hone/settings';
import { combine } from './combine.ts';
import * as found from './generated/rules.ts';
import type { Rule } from './rule.ts';

/** Every file in rules/, and what combines them, by name. */
export const RULES = registered<Rule>({ ...found, combine });

/** The rule of this name. */
export const findRule = (name: string): Rule | undefined => RULES.find((rule) => rule.name === name);
