/** What stands behind `is`. */
import {
  compare,
  contains,
  equal,
  isNumeric,
  TemplateError,
  truth,
  typeName,
  Float,
  Undefined,
  type Value,
} from './values.ts';

type Test = (value: Value, argument: Value) => boolean;

function integer(value: Value): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  throw new TemplateError(`${typeName(value)} is no integer`);
}

const isIterable = (value: Value): boolean =>
  typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Undefined;
const isLower = (value: Value): boolean =>
  typeof value === 'string' && value === value.toLowerCase() && value !== value.toUpperCase();
const isUpper = (value: Value): boolean =>
  typeof value === 'string' && value === value.toUpperCase() && value !== value.toLowerCase();

export const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  string: (value) => typeof value === 'string',
  number: isNumeric,
  integer: (value) => typeof value === 'number',
  float: (value) => value instanceof Float,
  mapping: (value) => value instanceof Map,
  iterable: isIterable,
  sequence: isIterable,
  callable: (value) => typeof value === 'function',
  lower: isLower,
  upper: isUpper,
  odd: (value) => Math.abs(integer(value) % 2) === 1,
  even: (value) => integer(value) % 2 === 0,
  divisibleby: (value, by) => integer(value) % integer(by) === 0,
  eq: equal,
  equalto: equal,
  ne: (value, other) => !equal(value, other),
  sameas: (value, other) => value === other,
  in: (value, container) => contains(container, value),
  lt: (value, other) => compare(value, other) < 0,
  lessthan: (value, other) => compare(value, other) < 0,
  le: (value, other) => compare(value, other) <= 0,
  gt: (value, other) => compare(value, other) > 0,
  greaterthan: (value, other) => compare(value, other) > 0,
  ge: (value, other) => compare(value, other) >= 0,
};

/** A test by its name; without one a value is tested for truth. */
export function testNamed(name: string | null): Test {
  if (name === null) return truth;
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (test) return test;
  throw new TemplateError(`No test named '${name}'`);
}
