/** Names of models, versions and aliases, and of checkpoints by them. */
import { invalidArgument } from '@hone/errors';

const MODEL = '[a-z0-9][a-z0-9-]{0,62}';
const ALIAS = '[a-z][a-z0-9-]{0,62}';
const VERSION = '[1-9][0-9]{0,8}';

/** The alias that moves with every version by itself. */
export const LATEST = 'latest';

export const nameOfModel = (model: string): string => `models/${model}`;
export const nameOfVersion = (model: string, version: number): string => `models/${model}/versions/${version}`;
export const nameOfAlias = (model: string, alias: string): string => `models/${model}/aliases/${alias}`;

function match(pattern: string, name: string, field: string, rule: string): string[] {
  const found = new RegExp(`^${pattern}$`).exec(name);
  if (!found) throw invalidArgument(field, `must be a name ${rule}, but is "${name}"`);
  return found.slice(1);
}

/** "models/{model}" -> its id. */
export function modelIdOf(name: string, field: string): string {
  const rule = '"models/{model}" (small letters, digits and hyphens, 63 at most)';
  return match(`models/(${MODEL})`, name, field, rule)[0]!;
}

/** "models/{model}/aliases/{alias}" -> both. */
export function aliasIdOf(name: string, field: string): { readonly model: string; readonly alias: string } {
  const rule = '"models/{model}/aliases/{alias}" (small letters, digits and hyphens; an alias begins with a letter)';
  const [model = '', alias = ''] = match(`models/(${MODEL})/aliases/(${ALIAS})`, name, field, rule);
  return { model, alias };
}

/** A version by its number or by an alias. */
export type VersionReference =
  { readonly model: string; readonly version: number } | { readonly model: string; readonly alias: string };

/** Reads "models/{model}/versions/{n}" or "models/{model}@{alias}"; undefined for anything else. */
export function parseVersionReference(name: string): VersionReference | undefined {
  const byNumber = new RegExp(`^models/(${MODEL})/versions/(${VERSION})$`).exec(name);
  if (byNumber) return { model: byNumber[1]!, version: Number(byNumber[2]) };
  const byAlias = new RegExp(`^models/(${MODEL})@(${ALIAS})$`).exec(name);
  return byAlias ? { model: byAlias[1]!, alias: byAlias[2]! } : undefined;
}
