/** Whether a service may call the scorers that a caller names. */
import { Violations, type ScorerRef } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { clientCredentials, mayReach, type Reach } from '@hone/rpc';

const RULE =
  'must be a scorer that this service may call: on the machine of a service that listens on loopback, or one that its operator ' +
  'lists by --allow-scorers (HONE_ALLOW_SCORERS)';

/** Throws INVALID_ARGUMENT with the fields that name an address or a file which the operator has not listed. */
export function checkReach(ref: ScorerRef, path: string, reach: Reach): void {
  const violations = new Violations();
  const scorers = ref.combination?.scorers.map(
    (scorer, index) => [scorer, `${path}.combination.scorers[${index}]`] as const,
  );
  for (const [scorer, at] of scorers ?? [[ref, path] as const]) checkOne(scorer, at, reach, violations);
  violations.throwIfAny();
}

function checkOne({ address, tls }: ScorerRef, path: string, reach: Reach, violations: Violations): void {
  violations.require(address === '' || mayReach(address, reach), `${path}.address`, RULE, `"${address}"`);
  if (!tls) return;
  try {
    clientCredentials(tls, reach.certificates);
  } catch (thrown) {
    if (!(thrown instanceof HoneError)) throw thrown;
    for (const { field, description } of thrown.violations) violations.require(false, `${path}.${field}`, description);
  }
}
