import { excerpt, invalidArgument } from '@hone/errors';

/** Throws where a name, which may come from a user's file, is none of those there are. */
export function checkName(field: string, known: readonly string[], name: string): void {
  if (!known.includes(name))
    throw invalidArgument(field, `must be one of ${known.join(', ')}, but is "${excerpt(String(name), 80)}"`);
}
