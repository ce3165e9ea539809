import type { Loss } from './loss.ts';
import { hinge } from './losses/hinge.ts';
import { ipo, ipoSum } from './losses/ipo.ts';
import { none } from './losses/none.ts';
import { robust } from './losses/robust.ts';
import { sigmoid } from './losses/sigmoid.ts';
import { sigmoidNorm } from './losses/sigmoid-norm.ts';

/** Every loss; a new one is a file of its own and a name here. */
export const LOSSES = [sigmoid, ipo, ipoSum, hinge, robust, sigmoidNorm, none] as unknown as readonly Loss[];

/** The loss of this name, or of which this is another name. */
export const findLoss = (name: string, losses: readonly Loss[] = LOSSES): Loss | undefined =>
  losses.find((loss) => loss.name === name || loss.aliases?.includes(name));

/** Every name that a loss can be asked for by. */
export const lossNames = (losses: readonly Loss[] = LOSSES): string[] =>
  losses.flatMap(({ name, aliases = [] }) => [...aliases, name]);
