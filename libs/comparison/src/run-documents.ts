/** The run file of each method and seed. */
import type { FieldViolation } from '@hone/errors';
import { isMapping, type Mapping } from '@hone/settings';
import type { Comparison } from './spec.ts';

/** `over` on `under`, mapping by mapping; null takes a key away, and a list or a value stands for the other as a whole. */
function merged(under: Mapping, over: Mapping): Mapping {
  const result = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = result.get(key);
    if (value === null) result.delete(key);
    else result.set(key, isMapping(value) ? merged(isMapping(below) ? below : {}, value) : value);
  }
  return Object.fromEntries(result);
}

/** A run of the comparison, as the keys of a run file. */
export interface PlannedRun {
  readonly method: string;
  readonly seed: number;
  readonly document: Mapping;
}

/** All runs, one seed after the other, so that methods can be compared early. */
export const plannedRuns = ({ name, base, methods, seeds }: Comparison): PlannedRun[] =>
  seeds.flatMap((seed) =>
    Object.entries(methods).map(([method, keys]) => ({
      ...{ method, seed },
      document: { ...merged(base, keys), name: `${name}: ${method}, seed ${seed}`, seed },
    })),
  );

const keyAt = (keys: unknown, path: readonly string[]): boolean => {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  return isMapping(keys) && Object.hasOwn(keys, first) && (rest.length === 0 || keyAt(keys[first], rest));
};

/** A broken rule of a run's document, by the key of the comparison's file that states it. */
export function namedInComparison(
  { field, description }: FieldViolation,
  method: string,
  { methods }: Comparison,
): FieldViolation {
  const path = field.split(/[.[]/);
  // What neither says is missing in the base, unless the method has something around it.
  const isOfMethod = keyAt(methods[method], path);
  const where = isOfMethod ? `methods.${method}` : 'base';
  return { field: `${where}.${field}`, description: isOfMethod ? description : `${description} (in method ${method})` };
}
