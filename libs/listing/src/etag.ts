/** Etags (AIP-154): a resource is changed only by those who have seen its last state. */
import { HoneError } from '@hone/errors';

/** The etag of a resource whose revision rises with every change. */
export const etagOf = (revision: number): string => `"${revision}"`;

/** Refuses a change of a resource that has changed meanwhile; an empty etag asks for no check. */
export function requireEtag(given: string, revision: number, resource: string): void {
  if (given === '' || given === etagOf(revision)) return;
  throw new HoneError({
    code: 'ABORTED',
    reason: 'ETAG_MISMATCH',
    message: `${resource} has changed meanwhile (etag ${etagOf(revision)}, not ${given}): read it again, then repeat the change`,
    metadata: { resource, etag: etagOf(revision) },
  });
}
