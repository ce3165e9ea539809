/** What no settings may hold, whatever their schema says: values that JSON cannot state, and such as no person writes. */
import type { FieldViolation } from '@hone/errors';
import { pathOf } from './paths.ts';

/** Deeper than any schema, far less than a stack. */
const MOST_DEPTH = 16;
/** More of them help nobody to mend a request. */
const MOST_FAULTS = 20;

/** Every such value, by the way to it. */
export function jsonFaults(value: unknown): FieldViolation[] {
  const faults: FieldViolation[] = [];
  look(value, [], faults);
  return faults;
}

function look(value: unknown, path: readonly PropertyKey[], faults: FieldViolation[]): void {
  if (faults.length >= MOST_FAULTS) return;
  const description = faultOf(value, path.length);
  if (description !== undefined) faults.push({ field: pathOf(path), description });
  else if (Array.isArray(value)) value.forEach((item, index) => look(item, [...path, index], faults));
  else if (typeof value === 'object' && value !== null)
    for (const [key, held] of Object.entries(value)) look(held, [...path, key], faults);
}

function faultOf(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `must be a finite number, but is ${value}`;
    // It reads as 0 behind JSON: the settings that are kept would not be those that were given.
    return Object.is(value, -0) ? 'must not be -0' : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MOST_DEPTH) return `must not be nested ${MOST_DEPTH} deep`;
  // Keys that are not its own would be read as if they were.
  const plain =
    Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  return plain ? undefined : 'must be a mapping of keys to values, without the key __proto__';
}
