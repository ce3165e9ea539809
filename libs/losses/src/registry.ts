import * as found from './generated/losses.ts';
import type { Loss } from './loss.ts';

const DEFAULT = 'sigmoid';

/** Every loss of the files in losses/, by name; the first is the default. */
export const LOSSES = (Object.values(found) as unknown as readonly Loss[]).toSorted(
  (left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name),
);

function rank({ name }: Loss): number {
  return name === DEFAULT ? 0 : 1;
}

/** The loss of this name, or of which this is another name. */
export const findLoss = (name: string, losses: readonly Loss[] = LOSSES): Loss | undefined =>
  losses.find((loss) => loss.name === name || loss.aliases?.includes(name));

/** "simpo/1": what gives the same loss of the same log-probs. */
export const versionedName = ({ name, version }: Pick<Loss, 'name' | 'version'>): string => `${name}/${version}`;

/** Every name that a loss can be asked for by. */
export const lossNames = (losses: readonly Loss[] = LOSSES): string[] =>
  losses.flatMap(({ name, aliases = [] }) => [...aliases, name]);
