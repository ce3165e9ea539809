import {
  checkTrainingSpec as checkFields,
  Violations,
  type DatasetKind,
  type Engine,
  type LossSpec,
  type TrainingSpec,
} from '@hone/contracts';
import { findLoss, LOSSES, lossNames, type Loss } from '@hone/losses';
import { violationsOf } from '@hone/settings';
import { checkForEngine } from './engine-rules.ts';

/** Checks every field of a training spec for this kind of data and this engine; all broken rules are named at once. */
export function checkTrainingSpec(
  spec: TrainingSpec | undefined,
  kind: DatasetKind,
  engine: Engine,
): asserts spec is TrainingSpec {
  const violations = new Violations();
  checkFields(spec, kind, 'spec', violations);
  if (kind !== 'examples' && spec.loss?.preference) checkLoss(spec.loss, kind, spec, violations);
  if (spec) checkForEngine(spec, engine, violations);
  violations.throwIfAny();
}

/** Which losses a kind of data is for; the NLL alone needs to know what is chosen. */
const TAKEN = {
  groups: { of: 'preference groups', takes: ({ perToken }: Loss) => !perToken },
  labelled: { of: 'examples with labels', takes: ({ perPair, perToken }: Loss) => !perPair && !perToken },
  advantages: { of: 'examples with advantages', takes: ({ perToken }: Loss) => perToken !== undefined },
} as const;

/** Whether there is this loss, and it takes such data and these settings. */
function checkLoss(
  { preference, settings }: LossSpec,
  kind: keyof typeof TAKEN,
  spec: TrainingSpec,
  violations: Violations,
): void {
  const loss = findLoss(preference);
  if (!loss) {
    violations.require(false, 'spec.loss.preference', `must be one of ${lossNames().join(', ')}`, preference);
    return;
  }
  for (const { field, description } of violationsOf(loss.settings, settings ?? {}))
    violations.require(false, field === '' ? 'spec.loss.settings' : `spec.loss.settings.${field}`, description);
  const { of, takes } = TAKEN[kind];
  const names = LOSSES.filter(takes).map(({ name }) => name);
  violations.require(takes(loss), 'spec.loss.preference', `must be one for ${of} (${names.join(', ')})`, preference);
  const compares = loss.needs.reference || !spec.stopWhenChosenFalls;
  const unlike = `must be false for ${loss.name}, which has no reference to compare with`;
  violations.require(compares, 'spec.stop_when_chosen_falls', unlike);
}
