/** Whether a service may call the scorers that a caller names. */
import { Violations, type ScorerRef } from '@hone/contracts';
import { noteUnreachable, type Reach } from '@hone/rpc';

/** Throws INVALID_ARGUMENT with the fields that name an address or a file which the operator has not listed. */
export function checkReach(ref: ScorerRef, path: string, reach: Reach): void {
  const violations = new Violations();
  noteUnreachableScorers(ref, path, reach, violations);
  violations.throwIfAny();
}

/** Notes these fields. */
export function noteUnreachableScorers(ref: ScorerRef, path: string, reach: Reach, violations: Violations): void {
  const scorers = ref.combination?.scorers.map(
    (scorer, index) => [scorer, `${path}.combination.scorers[${index}]`] as const,
  );
  for (const [scorer, at] of scorers ?? [[ref, path] as const])
    noteUnreachable(scorer, at, { reach, kind: 'a scorer', flag: 'allow-scorers' }, violations);
}
