/** A row of a file of problems. */
import { invalidArgument } from '@hone/errors';

/** A row of a file, with its location, for messages. */
export interface Row {
  readonly value: Readonly<Record<string, unknown>>;
  /** "file:line". */
  readonly location: string;
}

/** A text or number of a row, as text; undefined where it is missing or blank. */
export function optionalText(row: Row, name: string): string | undefined {
  const value = row.value[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The first of these fields that a row has. */
export function textField(row: Row, ...names: readonly string[]): string {
  for (const name of names) {
    const value = optionalText(row, name);
    if (value !== undefined) return value;
  }
  throw invalidArgument(row.location, `must have a text field ${names.map((name) => `"${name}"`).join(' or ')}`);
}
