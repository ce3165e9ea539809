/** Values of a template, with Python's rules for truth, equality, order and text. */

/** A float: Python writes 1.0 where an integer is 1. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** What a name, key or attribute gives that is not there. */
export class Undefined {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What `namespace(...)` makes: the one thing whose attributes a template can set. */
export class Namespace {
  readonly fields: Map<string, Value>;
  constructor(fields: Map<string, Value>) {
    this.fields = fields;
  }
}

export class Tuple extends Array<Value> {}

export type Callable = (args: Value[], kwargs: ReadonlyMap<string, Value>) => Value;
export type Dict = Map<Value, Value>;
/** Integers are numbers; lists are arrays. */
export type Value = null | boolean | number | string | Float | Undefined | Value[] | Dict | Namespace | Callable;

/** What a template does wrong, or refuses itself. */
export class TemplateError extends Error {}

export function undefinedError(value: Undefined): TemplateError {
  return new TemplateError(`'${value.name}' is undefined`);
}

export const isNumeric = (value: Value): value is number | boolean | Float =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;

export function numberOf(value: number | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Float) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (value instanceof Namespace) return 'Namespace';
  return value instanceof Undefined ? 'Undefined' : 'function';
}

export function truth(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return !(value instanceof Undefined) && Boolean(value);
}

export function equal(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) return numberOf(a) === numberOf(b);
  if (a instanceof Undefined) return b instanceof Undefined;
  if (Array.isArray(a) && Array.isArray(b)) {
    const alike = a instanceof Tuple === b instanceof Tuple && a.length === b.length;
    return alike && a.every((item, index) => equal(item, b[index]!));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && equal(item, b.get(key)!));
  }
  return a === b;
}

/** Below, at or above 0, as `a` is; what Python does not put in an order is an error. */
export function compare(a: Value, b: Value): number {
  if (isNumeric(a) && isNumeric(b)) return numberOf(a) - numberOf(b);
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    const at = a.findIndex((item, index) => index >= b.length || !equal(item, b[index]!));
    if (at < 0) return a.length - b.length;
    return at < b.length ? compare(a[at]!, b[at]!) : 1;
  }
  if (a instanceof Undefined) throw undefinedError(a);
  if (b instanceof Undefined) throw undefinedError(b);
  throw new TemplateError(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

/** By code points, not by the halves of surrogate pairs. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at < 0) return left.length - right.length;
  return at < right.length ? left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)! : 1;
}

/** What a loop goes over: characters of a text, keys of a dict; nothing where the value is undefined. */
export function iterate(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Undefined) return [];
  throw new TemplateError(`'${typeName(value)}' object is not iterable`);
}

export function lengthOf(value: Value): number {
  if (typeof value !== 'string' && !Array.isArray(value) && !(value instanceof Map) && !(value instanceof Undefined)) {
    throw new TemplateError(`object of type '${typeName(value)}' has no len()`);
  }
  return iterate(value).length;
}

export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw new TemplateError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  return iterate(container).some((other) => equal(other, item));
}

/** A value as a template writes it. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  return value instanceof Undefined ? '' : representation(value);
}

/** As Python writes a value inside a list. */
export function representation(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Tuple) return `(${value.map(representation).join(', ')}${value.length === 1 ? ',' : ''})`;
  if (Array.isArray(value)) return `[${value.map(representation).join(', ')}]`;
  if (value instanceof Map) return `{${pairs(value)}}`;
  return value instanceof Namespace ? `<Namespace {${pairs(value.fields)}}>` : '<function>';
}

const pairs = (entries: ReadonlyMap<Value, Value>): string =>
  [...entries].map(([key, item]) => `${representation(key)}: ${representation(item)}`).join(', ');

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\n\r\t]|[^\P{C}]|[^\P{Z} ]/gu, (character) => {
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    if (ESCAPES[character] !== undefined) return ESCAPES[character];
    if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return quote + body.replaceAll(quote, `\\${quote}`) + quote;
}

export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? (Object.is(value, -0) ? '-0.0' : value.toFixed(1)) : String(value);
}
