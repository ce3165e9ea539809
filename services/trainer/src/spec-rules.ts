import { checkTrainingSpec as checkFields, Violations, type DatasetKind, type TrainingSpec } from '@hone/contracts';

export type { DatasetKind };

/** Checks every field of a training spec for this kind of data; all broken rules are named at once. */
export function checkTrainingSpec(spec: TrainingSpec | undefined, kind: DatasetKind): asserts spec is TrainingSpec {
  const violations = new Violations();
  checkFields(spec, kind, 'spec', violations);
  violations.throwIfAny();
}
