/** Filters over lists. */
import type { Arguments } from './arguments.ts';
import { testNamed } from './tests.ts';
import {
  compare,
  equal,
  Float,
  isNumeric,
  iterate,
  numberOf,
  TemplateError,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  undefinedError,
  type Value,
} from './values.ts';

export type Filter = (value: Value, args: Arguments) => Value;

/** An attribute of an item as filters name it: "a.b", or a place in a list. */
export function attributeOf(item: Value, path: Value): Value {
  const keys = typeof path === 'string' ? path.split('.') : [path];
  return keys.reduce((value: Value, key) => {
    if (value instanceof Undefined) throw undefinedError(value);
    const place = typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : key;
    if (Array.isArray(value) && typeof place === 'number') return value[place] ?? new Undefined(textOf(key));
    return (value instanceof Map ? value.get(key) : undefined) ?? new Undefined(textOf(key));
  }, item);
}

/** Sorting does not tell upper from lower case unless it is asked to. */
const sortKey = (value: Value, caseSensitive: boolean): Value =>
  typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value;

function keyed(args: Arguments, caseAt: number, attributeAt: number): (item: Value) => Value {
  const caseSensitive = truth(args.get(caseAt, 'case_sensitive') ?? false);
  const attribute = args.get(attributeAt, 'attribute') ?? null;
  return (item) => sortKey(attribute === null ? item : attributeOf(item, attribute), caseSensitive);
}

function sorted(items: readonly Value[], key: (item: Value) => Value, isReversed: boolean): Value[] {
  const order = isReversed ? -1 : 1;
  return [...items].sort((a, b) => order * compare(key(a), key(b)));
}

function dictsort(value: Value, args: Arguments): Value {
  if (!(value instanceof Map)) throw new TemplateError(`dictsort takes a dict, not ${typeName(value)}`);
  const caseSensitive = truth(args.get(0, 'case_sensitive') ?? false);
  const at = args.text(1, 'by', 'key') === 'value' ? 1 : 0;
  const entries = [...value].map(([key, item]) => Tuple.of(key, item));
  const key = (entry: Value): Value => sortKey((entry as Tuple)[at]!, caseSensitive);
  return sorted(entries, key, truth(args.get(2, 'reverse') ?? false));
}

function extreme(sign: number): Filter {
  return (value, args) => {
    const key = keyed(args, 0, 1);
    const items = iterate(value);
    if (items.length === 0) return new Undefined('item');
    return items.reduce((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best));
  };
}

function sum(value: Value, args: Arguments): Value {
  const attribute = args.get(0, 'attribute') ?? null;
  const items = iterate(value).map((item) => (attribute === null ? item : attributeOf(item, attribute)));
  const all = [args.get(1, 'start') ?? 0, ...items];
  if (!all.every(isNumeric)) throw new TemplateError('sum takes a list of numbers');
  const total = all.reduce((result: number, item) => result + numberOf(item), 0);
  return all.some((item) => item instanceof Float) ? new Float(total) : total;
}

function unique(value: Value, args: Arguments): Value {
  const key = keyed(args, 0, 1);
  const seen: Value[] = [];
  return iterate(value).filter((item) => {
    const isNew = !seen.some((other) => equal(other, key(item)));
    if (isNew) seen.push(key(item));
    return isNew;
  });
}

/** select, reject, and both by an attribute: what passes a test, or does not. */
function choose(wanted: boolean, byAttribute: boolean): Filter {
  return (value, args) => {
    const attribute = byAttribute ? args.required(0, 'attribute') : null;
    const at = byAttribute ? 1 : 0;
    const test = testNamed(args.text(at, 'test', null));
    const argument = args.get(at + 1, 'value') ?? null;
    return iterate(value).filter(
      (item) => test(attribute === null ? item : attributeOf(item, attribute), argument) === wanted,
    );
  };
}

function items(value: Value): Value {
  if (value instanceof Undefined) return [];
  if (value instanceof Map) return [...value].map(([key, item]) => Tuple.of(key, item));
  throw new TemplateError('Can only get item pairs from a mapping.');
}

function join(value: Value, args: Arguments): string {
  const attribute = args.get(1, 'attribute') ?? null;
  const texts = iterate(value).map((item) => textOf(attribute === null ? item : attributeOf(item, attribute)));
  return texts.join(textOf(args.get(0, 'd') ?? ''));
}

function batch(value: Value, args: Arguments): Value {
  const size = args.integer(0, 'linecount', 0);
  if (size < 1) throw new TemplateError('batch takes a size of at least 1');
  const all = iterate(value);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

/** Lists of items that agree in an attribute, as (value, items), in the order of the values. */
function groupby(value: Value, args: Arguments): Value {
  const attribute = args.required(0, 'attribute');
  const key = (item: Value): Value =>
    sortKey(attributeOf(item, attribute), truth(args.get(2, 'case_sensitive') ?? false));
  const groups: Tuple[] = [];
  for (const item of sorted(iterate(value), key, false)) {
    const last = groups.at(-1);
    if (last && equal(key((last[1] as Value[])[0]!), key(item))) (last[1] as Value[]).push(item);
    else groups.push(Tuple.of(attributeOf(item, attribute), [item]));
  }
  return groups;
}

export const listFilters: Readonly<Record<string, Filter>> = {
  ...{ batch, dictsort, groupby, items, join, max: extreme(1), min: extreme(-1), sum, unique },
  first: (value) => iterate(value)[0] ?? new Undefined('item'),
  last: (value) => iterate(value).at(-1) ?? new Undefined('item'),
  list: (value) => [...iterate(value)],
  reject: choose(false, false),
  rejectattr: choose(false, true),
  reverse: (value) => {
    const all = [...iterate(value)].reverse();
    return typeof value === 'string' ? all.join('') : all;
  },
  select: choose(true, false),
  selectattr: choose(true, true),
  sort: (value, args) => sorted(iterate(value), keyed(args, 1, 2), truth(args.get(0, 'reverse') ?? false)),
};
