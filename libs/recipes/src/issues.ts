/** Broken rules of a schema in Hone's words. */
import type { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a mapping of keys to values',
  array: 'a list',
};

const bound = (value: unknown): string => String(value);

/** What holds of a field, and what it is. */
export function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at least' : 'above'} ${bound(issue.minimum)}, but is ${bound(issue.input)}`
        : `must have at least ${bound(issue.minimum)} ${issue.origin === 'string' ? 'characters' : 'entries'}`;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at most' : 'below'} ${bound(issue.maximum)}, but is ${bound(issue.input)}`
        : `must have at most ${bound(issue.maximum)} ${issue.origin === 'string' ? 'characters' : 'entries'}`;
    case 'unrecognized_keys':
      return `unknown key ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(bound).join(', ')}, but is ${JSON.stringify(issue.input)}`;
    case 'invalid_type':
      return issue.input === undefined ? 'must be set' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    default:
      return issue.message;
  }
}
