import { invalidArgument, throwIfAborted } from '@hone/errors';
import type { ArtifactStore } from './artifact-store.ts';
import { requireDigest, type Digest } from './digest.ts';
import type { StoredArtifact } from './stored-artifact.ts';

/** What a collection takes and leaves. */
export interface CollectOptions {
  /**
   * The digests of all that is needed, what kept artifacts name inside included. Asked for twice: what somebody began to
   * need while the store was listed is kept as well.
   */
  readonly keep: () => AsyncIterable<Digest> | Iterable<Digest>;
  /** What was stored, or stored again, within this time stays: its user may not have named it yet. */
  readonly minAgeMs: number;
  /** Only say what would go. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Removes the artifacts that nobody needs and says which; nothing is removed before all that is needed is known. Ends with
 * what dead writers left.
 */
export async function* collect(
  store: ArtifactStore,
  { keep, minAgeMs, dryRun, signal }: CollectOptions,
): AsyncGenerator<StoredArtifact, void, undefined> {
  if (!(minAgeMs >= 0)) throw invalidArgument('minAgeMs', 'must be at least 0');
  const olderThan = new Date(Date.now() - minAgeMs);
  const candidates = await unneeded(store, await setOf(keep()), olderThan, signal);
  if (dryRun) {
    yield* candidates;
    return;
  }
  const needed = await setOf(keep());
  for (const artifact of candidates) {
    throwIfAborted(signal);
    if (needed.has(artifact.digest)) continue;
    if (await store.remove(artifact, { olderThan })) yield artifact;
  }
  await store.sweep({ olderThan });
}

async function unneeded(
  store: ArtifactStore,
  needed: ReadonlySet<Digest>,
  olderThan: Date,
  signal: AbortSignal | undefined,
): Promise<StoredArtifact[]> {
  const found: StoredArtifact[] = [];
  for await (const artifact of store.list()) {
    throwIfAborted(signal);
    if (!needed.has(artifact.digest) && artifact.storedTime < olderThan) found.push(artifact);
  }
  return found;
}

/** A name that is no digest is an error, not something to overlook: what it meant would be taken. */
async function setOf(digests: AsyncIterable<Digest> | Iterable<Digest>): Promise<Set<Digest>> {
  const set = new Set<Digest>();
  for await (const digest of digests) set.add(requireDigest(digest, 'keep'));
  return set;
}
