/** The key that was meant where one is unknown. */
import { z } from 'zod';

/** What a schema is about, without what says that it may be absent. */
function plain(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
    inner = inner.unwrap();
  return inner;
}

/** Every key of a mapping and of those below it, as paths with dots; elements of lists stand for all of them. */
export function keysOf(schema: unknown, parent = ''): string[] {
  const inner = plain(schema);
  if (inner instanceof z.ZodArray) return keysOf(inner.element, parent);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, value]) => {
    const path = parent === '' ? key : `${parent}.${key}`;
    return [path, ...keysOf(value, path)];
  });
}

/** Edits from one text to another: characters put in, left out, changed, or swapped with their neighbour (Damerau 1964). */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const [above, same] = [rows[row - 1]!, from[row - 1] === to[column - 1]];
      let best = Math.min(above[column - 1]! + (same ? 0 : 1), above[column]! + 1, line[column - 1]! + 1);
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwapped) best = Math.min(best, rows[row - 2]![column - 2]! + 1);
      line.push(best);
    }
    rows.push(line);
  }
  return rows.at(-1)!.at(-1)!;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const lastOf = (path: string): string => path.split('.').at(-1)!;
/** Longer names are no misspelt keys. */
const MOST_CHARS = 80;

/** The known path that is nearest to an unknown one; undefined where none is near. A key in the wrong place is near to itself, and of equals the shallower is nearer. */
export function nearestKey(unknown: string, known: readonly string[]): string | undefined {
  if (unknown.length > MOST_CHARS) return undefined;
  const [path, key] = [snake(unknown), snake(lastOf(unknown))];
  const parent = path.slice(0, -key.length);
  const scored = known.map((candidate) => {
    const elsewhere = candidate.startsWith(parent) && !candidate.slice(parent.length).includes('.') ? 0 : 0.5;
    return { candidate, score: distance(key, lastOf(candidate)) + elsewhere };
  });
  const depth = (candidate: string): number => candidate.split('.').length;
  const [best] = scored.sort((a, b) => a.score - b.score || depth(a.candidate) - depth(b.candidate));
  return best && best.score <= Math.max(1.5, key.length / 3) ? best.candidate : undefined;
}
