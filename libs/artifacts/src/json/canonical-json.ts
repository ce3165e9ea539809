import { invalidArgument } from '@hone/errors';

/**
 * JSON with sorted keys and no blanks, so that equal values are equal bytes whatever order their keys were set in. What
 * JSON would turn silently into something else (NaN, infinities, bigint, typed arrays, class instances) is refused.
 */
export function canonicalJson(value: unknown, path = 'row'): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw invalidArgument(path, `${value} has no form in JSON`);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((item, at) => canonicalJson(item, `${path}[${at}]`)).join(',')}]`;
      return canonicalObject(value, path);
    default:
      throw invalidArgument(path, `a ${typeof value} has no form in JSON`);
  }
}

function canonicalObject(value: object, path: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw invalidArgument(path, `a ${value.constructor.name} has no form in JSON: pack it first`);
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field, `${path}.${key}`)}`);
  return `{${fields.join(',')}}`;
}
