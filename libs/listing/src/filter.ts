/** Filters of list calls: comparisons joined by AND, a safe part of AIP-160. */
import { excerpt, invalidArgument } from '@hone/errors';

/** What a field holds: a list is an enum's values; a map has text by keys, such as labels. */
export type FieldKind = 'text' | 'integer' | 'time' | 'map' | readonly string[];

/** The fields that a filter may name, in snake_case. */
export type FilterFields = Readonly<Record<string, FieldKind>>;

/** How a field is compared. `prefix` is AIP-160's `= "begin*"`, `has` is `map:key`. */
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'prefix' | 'has';

/** One comparison, its value checked against the field's kind. Integers are text, so that none is too large. */
export interface Comparison {
  readonly field: string;
  /** Key of a map; undefined for any other field. */
  readonly key: string | undefined;
  readonly operator: Operator;
  readonly value: string | Date;
}

const MAX_FILTER_CHARS = 2000;
const MAX_COMPARISONS = 20;
const COMPARISON = /\s*([a-z_]+)(?:\.([\w./-]+))?\s*(<=|>=|!=|=|<|>|:)\s*(?:"((?:[^"\\]|\\.)*)"|([\w.+/@*:-]+))\s*/y;
const AND = /AND(?=\s)/y;
const SYNTAX = 'must be comparisons like state = FAILED or labels.team = "a", joined by AND';

/** Reads a filter; an empty one has no comparisons. `name` names the request's field in errors. */
export function parseFilter(text: string, fields: FilterFields, name = 'filter'): Comparison[] {
  if (text.length > MAX_FILTER_CHARS) throw invalidArgument(name, `must be at most ${MAX_FILTER_CHARS} characters`);
  const comparisons: Comparison[] = [];
  for (let at = 0; text.trim() !== '' && at < text.length;) {
    if (comparisons.length > 0) at = positionAfter(AND, text, at, name);
    COMPARISON.lastIndex = at;
    const match = COMPARISON.exec(text);
    if (!match) throw syntaxError(name, text, at);
    comparisons.push(comparisonOf(match, fields, name));
    at = COMPARISON.lastIndex;
  }
  if (comparisons.length > MAX_COMPARISONS)
    throw invalidArgument(name, `must be at most ${MAX_COMPARISONS} comparisons`);
  return comparisons;
}

function positionAfter(pattern: RegExp, text: string, at: number, name: string): number {
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw syntaxError(name, text, at);
  return pattern.lastIndex;
}

const syntaxError = (name: string, text: string, at: number) =>
  invalidArgument(name, `${SYNTAX}, but is not at "${excerpt(text.slice(at), 40)}"`);

function comparisonOf(match: RegExpExecArray, fields: FilterFields, name: string): Comparison {
  const [, field = '', key, symbol = '', quoted, bare = ''] = match;
  const kind = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (kind === undefined)
    throw invalidArgument(name, `"${field}" is no field to filter by: take ${Object.keys(fields).join(', ')}`);
  const text = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
  if (kind === 'map') return mapComparison({ field, key, symbol, text }, name);
  if (key !== undefined) throw invalidArgument(name, `"${field}" has no keys`);
  const operator = operatorOf(kind, symbol, text);
  if (!operator) throw invalidArgument(name, `"${field}" cannot be compared by ${symbol}`);
  const value = operator === 'prefix' ? text.slice(0, -1) : valueOf(kind, field, text, name);
  return { field, key: undefined, operator, value };
}

function mapComparison(
  { field, key, symbol, text }: { field: string; key: string | undefined; symbol: string; text: string },
  name: string,
): Comparison {
  if (key === undefined && symbol === ':') return { field, key: text, operator: 'has', value: '' };
  if (key !== undefined && (symbol === '=' || symbol === '!=')) return { field, key, operator: symbol, value: text };
  throw invalidArgument(
    name,
    `"${field}" is compared as ${field}.key = "value", ${field}.key != "value" or ${field}:key`,
  );
}

function operatorOf(kind: FieldKind, symbol: string, text: string): Operator | undefined {
  if (symbol === ':') return undefined;
  if (kind === 'integer' || kind === 'time') return symbol as Operator;
  if (kind === 'text' && symbol === '=' && text.endsWith('*')) return 'prefix';
  return symbol === '=' || symbol === '!=' ? symbol : undefined;
}

function valueOf(kind: FieldKind, field: string, text: string, name: string): string | Date {
  if (kind === 'integer') {
    if (!/^-?\d{1,18}$/.test(text))
      throw invalidArgument(name, `"${field}" is compared with a whole number, not "${text}"`);
    return text;
  }
  if (kind === 'time') {
    const time = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : new Date(NaN);
    if (Number.isNaN(time.getTime()))
      throw invalidArgument(name, `"${field}" is compared with a time like "2026-01-31T12:00:00Z", not "${text}"`);
    return time;
  }
  if (typeof kind !== 'string' && !kind.includes(text))
    throw invalidArgument(name, `"${field}" is one of ${kind.join(', ')}, not "${text}"`);
  return text;
}
