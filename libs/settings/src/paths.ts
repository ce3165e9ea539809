/** Ways to keys, as errors name them. */

/** "training.lora", "schedule[1].temperature"; the elements of lists by their numbers. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : joined(text, String(part))),
    '',
  );
}

/** A way behind another; either may be empty. */
export const joined = (path: string, part: string): string =>
  path === '' || part === '' ? `${path}${part}` : `${path}.${part}`;

/** Violations whose fields stand behind a way. */
export const behind = <Violation extends { readonly field: string }>(
  path: string,
  violations: readonly Violation[],
): Violation[] => violations.map((violation) => ({ ...violation, field: joined(path, violation.field) }));
