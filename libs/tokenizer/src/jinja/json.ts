/** `tojson` of chat templates: Python's json.dumps without ASCII escapes. */
import { Float, floatText, iterate, Namespace, TemplateError, typeName, Undefined, type Value } from './values.ts';

export interface JsonOptions {
  readonly indent: string | null;
  readonly ensureAscii: boolean;
  /** Between items, and between key and value. */
  readonly separators: readonly [string, string];
  readonly sortKeys: boolean;
}

/** A value as JSON; functions and undefined values have no form there. */
export function toJson(value: Value, options: JsonOptions, depth = 0): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value, options);
  if (value instanceof Float) return floatText(value.value);
  if (Array.isArray(value)) {
    return bracketed(
      value.map((item) => toJson(item, options, depth + 1)),
      '[]',
      options,
      depth,
    );
  }
  if (value instanceof Map) {
    const keys = iterate(value).map((key) => [typeof key === 'string' ? key : toJson(key, options), key] as const);
    if (options.sortKeys) keys.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
    const members = keys.map(([name, key]) => {
      const item = toJson(value.get(key)!, options, depth + 1);
      return quoted(name, options) + options.separators[1] + item;
    });
    return bracketed(members, '{}', options, depth);
  }
  const name = value instanceof Undefined || value instanceof Namespace ? typeName(value) : 'function';
  throw new TemplateError(`Object of type ${name} is not JSON serializable`);
}

function bracketed(
  items: readonly string[],
  [open, close]: string,
  { indent, separators }: JsonOptions,
  depth: number,
) {
  if (indent === null || items.length === 0) return open + items.join(separators[0]) + close;
  const line = `\n${indent.repeat(depth)}`;
  return `${open}${line}${indent}${items.join(`${separators[0]}${line}${indent}`)}${line}${close}`;
}

function quoted(text: string, { ensureAscii }: JsonOptions): string {
  const json = JSON.stringify(text);
  if (!ensureAscii) return json;
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
