import { invalidArgument } from '@hone/errors';

/** "runs/{run}" -> its id. */
export function runIdOf(name: string, field = 'name'): string {
  const id = /^runs\/([a-z0-9-]{1,64})$/.exec(name)?.[1];
  if (id === undefined) throw invalidArgument(field, `must be a name "runs/{run}", but is "${name}"`);
  return id;
}
