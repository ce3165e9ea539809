import { registered } from '@hone/settings';
import * as found from './generated/losses.ts';
import type { Loss } from './loss.ts';

/** Every loss of the files in losses/, by name; the first is the default. */
export const LOSSES = registered<Loss>(found, 'sigmoid');

/** Of pairs or labelled completions, or of the NLL alone. */
export const PREFERENCE_LOSSES = LOSSES.filter(({ perToken }) => !perToken);

/** Of completions with advantages. */
export const ADVANTAGE_LOSSES = LOSSES.filter(({ perToken }) => perToken);

/** The loss of this name, or of which this is another name. */
export const findLoss = (name: string, losses: readonly Loss[] = LOSSES): Loss | undefined =>
  losses.find((loss) => loss.name === name || loss.aliases?.includes(name));

/** Every name that a loss can be asked for by. */
export const lossNames = (losses: readonly Loss[] = LOSSES): string[] =>
  losses.flatMap(({ name, aliases = [] }) => [...aliases, name]);
