import type { Rule } from './rule.ts';
import { cycle } from './rules/cycle.ts';
import { goldSolutions } from './rules/gold-solutions.ts';
import { rightSamples } from './rules/right-samples.ts';

/** Every rule; a new one is a file of its own and a name here. */
export const RULES = [cycle, goldSolutions, rightSamples] as unknown as readonly Rule[];

/** The rule of this name. */
export const findRule = (name: string): Rule | undefined => RULES.find((rule) => rule.name === name);

/** "cycle/1": what makes the same pairs of the same input. */
export const versionedName = ({ name, version }: Pick<Rule, 'name' | 'version'>): string => `${name}/${version}`;
