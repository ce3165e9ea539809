import type { Loss } from './loss.ts';
import { apoDown, apoZero } from './losses/apo.ts';
import { bcoPair } from './losses/bco-pair.ts';
import { cpo } from './losses/cpo.ts';
import { exoPair } from './losses/exo-pair.ts';
import { hinge } from './losses/hinge.ts';
import { ipo, ipoSum } from './losses/ipo.ts';
import { ncaPair } from './losses/nca-pair.ts';
import { none } from './losses/none.ts';
import { orpo } from './losses/orpo.ts';
import { robust } from './losses/robust.ts';
import { sigmoid } from './losses/sigmoid.ts';
import { sigmoidNorm } from './losses/sigmoid-norm.ts';
import { simpo } from './losses/simpo.ts';
import { sppoHard } from './losses/sppo-hard.ts';

/** Every loss; a new one is a file of its own and a name here. */
export const LOSSES = [
  ...[sigmoid, ipo, ipoSum, hinge, robust, sigmoidNorm],
  ...[simpo, orpo, cpo, apoZero, apoDown, exoPair, bcoPair, ncaPair, sppoHard],
  none,
] as unknown as readonly Loss[];

/** The loss of this name, or of which this is another name. */
export const findLoss = (name: string, losses: readonly Loss[] = LOSSES): Loss | undefined =>
  losses.find((loss) => loss.name === name || loss.aliases?.includes(name));

/** "simpo/1": what gives the same loss of the same log-probs. */
export const versionedName = ({ name, version }: Pick<Loss, 'name' | 'version'>): string => `${name}/${version}`;

/** Every name that a loss can be asked for by. */
export const lossNames = (losses: readonly Loss[] = LOSSES): string[] =>
  losses.flatMap(({ name, aliases = [] }) => [...aliases, name]);
