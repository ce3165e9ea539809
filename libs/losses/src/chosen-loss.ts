import { invalidArgument } from '@hone/errors';
import { readSettings } from '@hone/settings';
import type { Loss } from './loss.ts';
import { findLoss, lossNames } from './registry.ts';

/** A loss, and its effective settings. */
export interface ChosenLoss {
  readonly loss: Loss;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The loss of this name with these settings; those left out have its defaults. Errors name fields behind `path`. */
export function chooseLoss(name: string, settings: unknown = {}, path = 'loss'): ChosenLoss {
  const loss = findLoss(name);
  if (!loss) throw invalidArgument(`${path}.preference`, `must be one of ${lossNames().join(', ')}, but is ${name}`);
  return { loss, settings: readSettings(loss.settings, settings, `${path}.settings`) };
}
