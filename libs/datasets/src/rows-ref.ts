import { isDigest, type ArtifactStore, type Digest } from '@hone/artifacts';
import type { RowsRef as RowsMessage } from '@hone/contracts';
import { invalidArgument, notFound } from '@hone/errors';
import type { RowsKind, RowsRef } from '@hone/recipes';

/** Version of the rows' form. */
export const ROWS_VERSION = 1;

/** The reference to rows that are in the store. */
export const rowsRefOf = <Kind extends RowsKind>(
  kind: Kind,
  { digest, count }: Pick<RowsRef, 'digest' | 'count'>,
): RowsRef<Kind> => ({ kind, version: ROWS_VERSION, digest, count });

/** The digest of rows that must be of a kind, and in the store; `field` is where the reference stands in a request. */
export async function requireRows(
  store: ArtifactStore,
  ref: RowsMessage,
  kind: RowsKind,
  field: string,
): Promise<Digest> {
  if (ref.kind !== kind) throw invalidArgument(`${field}.kind`, `must be "${kind}", but is "${ref.kind}"`);
  if (ref.version !== ROWS_VERSION)
    throw invalidArgument(`${field}.version`, `must be ${ROWS_VERSION}, but is ${ref.version}`);
  if (!isDigest(ref.digest)) throw invalidArgument(`${field}.digest`, 'must be 64 characters of 0-9 and a-f');
  if (ref.count < 0) throw invalidArgument(`${field}.count`, `must be at least 0, but is ${ref.count}`);
  if (await store.hasJsonLines(ref.digest)) return ref.digest;
  throw notFound(`${kind} ${ref.digest}`, `the store has no such rows (${field})`);
}
