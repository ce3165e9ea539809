/** Filters of Jinja that chat templates use. One that is not here is refused by name. */
import { Arguments } from './arguments.ts';
import { toJson } from './json.ts';
import { attributeOf, listFilters, type Filter } from './list-filters.ts';
import { capitalize, strip, textMethod } from './text-methods.ts';
import {
  Float,
  isNumeric,
  iterate,
  lengthOf,
  numberOf,
  TemplateError,
  textOf,
  truth,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

function tojson(value: Value, args: Arguments): string {
  const indent = args.get(1, 'indent') ?? null;
  const separators = args.get(2, 'separators') ?? null;
  const [item, key] = Array.isArray(separators) ? separators.map(textOf) : [indent === null ? ', ' : ',', ': '];
  return toJson(value, {
    indent: typeof indent === 'number' ? ' '.repeat(indent) : indent === null ? null : textOf(indent),
    ensureAscii: truth(args.get(0, 'ensure_ascii') ?? false),
    separators: [item!, key!],
    sortKeys: truth(args.get(3, 'sort_keys') ?? false),
  });
}

function whole(value: Value, args: Arguments): Value {
  const absent = args.get(0, 'default') ?? 0;
  if (isNumeric(value)) return Math.trunc(numberOf(value));
  const text = typeof value === 'string' ? strip(value, null, 'both') : '';
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Math.trunc(Number(text)) : absent;
}

function float(value: Value, args: Arguments): Value {
  if (isNumeric(value)) return new Float(numberOf(value));
  const text = typeof value === 'string' ? strip(value, null, 'both') : '';
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  return isNumber ? new Float(Number(text)) : (args.get(0, 'default') ?? new Float(0));
}

/** Python rounds halves to the even neighbour; a double's distance decides what a half is. */
function round(value: Value, args: Arguments): Value {
  if (!isNumeric(value)) throw new TemplateError(`cannot round ${typeName(value)}`);
  const scale = 10 ** args.integer(0, 'precision', 0);
  const scaled = numberOf(value) * scale;
  const method = args.text(1, 'method', 'common');
  if (method === 'ceil') return new Float(Math.ceil(scaled) / scale);
  if (method === 'floor') return new Float(Math.floor(scaled) / scale);
  const below = Math.floor(scaled);
  const isHalf = scaled - below === 0.5;
  return new Float((isHalf ? below + (Math.abs(below) % 2) : Math.round(scaled)) / scale);
}

function absolute(value: Value): Value {
  if (value instanceof Float) return new Float(Math.abs(value.value));
  if (isNumeric(value)) return Math.abs(numberOf(value));
  throw new TemplateError(`cannot take abs of ${typeName(value)}`);
}

function indent(value: Value, args: Arguments): string {
  const width = args.get(0, 'width') ?? 4;
  const space = typeof width === 'number' ? ' '.repeat(width) : textOf(width);
  const [first, blank] = [truth(args.get(1, 'first') ?? false), truth(args.get(2, 'blank') ?? false)];
  const lines = textOf(value).split('\n');
  return lines.map((line, index) => ((index === 0 ? first : blank || line !== '') ? space + line : line)).join('\n');
}

function replace(value: Value, args: Arguments): Value {
  const method = textMethod(textOf(value), 'replace')!;
  return method([args.required(0, 'old'), args.required(1, 'new'), args.get(2, 'count') ?? -1], new Map());
}

function byDefault(value: Value, args: Arguments): Value {
  const absent = args.get(0, 'default_value') ?? '';
  if (value instanceof Undefined) return absent;
  return truth(args.get(1, 'boolean') ?? false) && !truth(value) ? absent : value;
}

/** Other than str.title(), the filter begins words at blanks, hyphens and brackets only. */
const titled = (text: string): string =>
  text
    .split(/([-\s({[<]+)/)
    .map(capitalize)
    .join('');

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };
const escape: Filter = (value) => textOf(value).replace(/[&<>'"]/g, (mark) => HTML[mark]!);
const length: Filter = (value) => lengthOf(value);

function map(value: Value, args: Arguments): Value {
  const attribute = args.named.get('attribute');
  if (attribute === undefined) {
    const filter = filterNamed(args.requiredText(0, 'name'));
    const rest = new Arguments(args.positional.slice(1), args.named);
    return iterate(value).map((item) => filter(item, rest));
  }
  const absent = args.named.get('default');
  return iterate(value).map((item) => {
    const found = attributeOf(item, attribute);
    return found instanceof Undefined && absent !== undefined ? absent : found;
  });
}

const FILTERS: Readonly<Record<string, Filter>> = {
  ...listFilters,
  ...{ abs: absolute, default: byDefault, d: byDefault, e: escape, escape, float, indent, int: whole },
  ...{ length, count: length, map, replace, round, tojson },
  capitalize: (value) => capitalize(textOf(value)),
  lower: (value) => textOf(value).toLowerCase(),
  safe: textOf,
  string: textOf,
  title: (value) => titled(textOf(value)),
  trim: (value, args) => strip(textOf(value), args.text(0, 'chars', null), 'both'),
  upper: (value) => textOf(value).toUpperCase(),
  wordcount: (value) => textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
};

export function filterNamed(name: string): Filter {
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (filter) return filter;
  throw new TemplateError(`No filter named '${name}'`);
}
