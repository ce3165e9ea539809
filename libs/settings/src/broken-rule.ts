/** Broken rules of a schema in Hone's words. */
import { excerpt } from '@hone/errors';
import type { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a mapping of keys to values',
  array: 'a list',
};

/** A value as it was given, at a length that fits an error. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return TYPES['array']!;
  if (typeof value === 'object' && value !== null) return TYPES['object']!;
  return typeof value === 'string' ? JSON.stringify(excerpt(value, 200)) : String(value);
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int';
const unitOf = (origin: string): string => (origin === 'string' ? 'characters' : 'entries');

/** What must hold, and what was found instead; the issue must have come with its input (`reportInput`). */
export function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return isNumber(issue.origin)
        ? `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, but is ${shown(issue.input)}`
        : `must have at least ${issue.minimum} ${unitOf(issue.origin)}`;
    case 'too_big':
      return isNumber(issue.origin)
        ? `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}, but is ${shown(issue.input)}`
        : `must have at most ${issue.maximum} ${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}, but is ${shown(issue.input)}`;
    case 'invalid_type':
      if (issue.input === undefined) return 'must be set';
      return `must be ${TYPES[issue.expected] ?? issue.expected}, but is ${shown(issue.input)}`;
    default:
      return issue.message;
  }
}
