/** Attributes, keys, places and slices. */
import { Arguments } from './arguments.ts';
import { textMethod } from './text-methods.ts';
import {
  equal,
  iterate,
  Namespace,
  numberOf,
  TemplateError,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  undefinedError,
  type Callable,
  type Dict,
  type Value,
} from './values.ts';

/** `value.name`: a method where there is one, then a key. */
export function attribute(value: Value, name: string): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  const method = methodOf(value, name);
  if (method) return method;
  if (value instanceof Namespace) return value.fields.get(name) ?? absentIn(value.fields, name);
  return value instanceof Map ? (value.get(name) ?? absentIn(value, name)) : new Undefined(name);
}

/** `value[key]`: a key or place, then a method. */
export function item(value: Value, key: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  if (value instanceof Map && value.has(key)) return value.get(key)!;
  if ((Array.isArray(value) || typeof value === 'string') && (typeof key === 'number' || typeof key === 'boolean')) {
    return iterate(value).at(Number(key)) ?? new Undefined(textOf(key));
  }
  if (typeof key !== 'string') return new Undefined(textOf(key));
  return methodOf(value, key) ?? (value instanceof Namespace ? attribute(value, key) : new Undefined(key));
}

const absentIn = (entries: ReadonlyMap<Value, Value>, name: string): Value =>
  entries.has(name) ? null : new Undefined(name);

function methodOf(value: Value, name: string): Callable | undefined {
  if (typeof value === 'string') return textMethod(value, name);
  if (value instanceof Map) return dictMethod(value, name);
  return Array.isArray(value) ? listMethod(value, name) : undefined;
}

/** Methods that change their list or dict are not there: templates are rendered in a sandbox. */
function dictMethod(dict: Dict, name: string): Callable | undefined {
  switch (name) {
    case 'items':
      return () => [...dict].map(([key, value]) => Tuple.of(key, value));
    case 'keys':
      return () => [...dict.keys()];
    case 'values':
      return () => [...dict.values()];
    case 'copy':
      return () => new Map(dict);
    case 'get':
      return (positional, named) => {
        const args = new Arguments(positional, named);
        const key = args.required(0, 'key');
        return dict.has(key) ? dict.get(key)! : (args.get(1, 'default') ?? null);
      };
    default:
      return undefined;
  }
}

function listMethod(list: readonly Value[], name: string): Callable | undefined {
  if (name === 'count') return ([wanted]) => list.filter((value) => equal(value, wanted!)).length;
  if (name !== 'index') return undefined;
  return ([wanted]) => {
    const index = list.findIndex((value) => equal(value, wanted!));
    if (index >= 0) return index;
    throw new TemplateError(`${textOf(wanted!)} is not in list`);
  };
}

/** `value[start:stop:step]` of a text or list. */
export function slice(value: Value, start: Value, stop: Value, step: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw new TemplateError(`'${typeName(value)}' object cannot be sliced`);
  }
  const all = iterate(value);
  const stride = integer(step) ?? 1;
  if (stride === 0) throw new TemplateError('slice step cannot be zero');
  const [low, high] = stride > 0 ? [0, all.length] : [-1, all.length - 1];
  const place = (at: number | null, absent: number): number =>
    at === null ? absent : Math.min(Math.max(at < 0 ? at + all.length : at, low), high);
  const from = place(integer(start), stride > 0 ? low : high);
  const until = place(integer(stop), stride > 0 ? high : low);
  const taken: Value[] = [];
  for (let at = from; stride > 0 ? at < until : at > until; at += stride) taken.push(all[at]!);
  if (typeof value === 'string') return taken.join('');
  return value instanceof Tuple ? Tuple.from(taken) : taken;
}

function integer(value: Value): number | null {
  if (value === null || value instanceof Undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return numberOf(value);
  throw new TemplateError(`slice indices must be integers, not ${typeName(value)} (${truth(value)})`);
}
