/** In which fields two recipes differ. */
import type { RecipeDifference } from '@hone/contracts';

/** A document's leaves, by their keys from the outside in. A list is a leaf: its order means something. */
function leavesOf(value: unknown, path: string, leaves: Map<string, string>): Map<string, string> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) {
    leaves.set(path, JSON.stringify(value));
    return leaves;
  }
  for (const [key, inner] of Object.entries(value)) leavesOf(inner, path === '' ? key : `${path}.${key}`, leaves);
  return leaves;
}

/** Differences by path. An absent field is none that is empty: it has no JSON. */
export function recipeDifferences(first: unknown, second: unknown): RecipeDifference[] {
  const [one, other] = [leavesOf(first, '', new Map()), leavesOf(second, '', new Map())];
  return [...new Set([...one.keys(), ...other.keys()])]
    .sort()
    .filter((path) => one.get(path) !== other.get(path))
    .map((path) => ({ path, firstJson: one.get(path) ?? '', secondJson: other.get(path) ?? '' }));
}
