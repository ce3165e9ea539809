import { throwIfAborted, toHoneError } from '@hone/errors';
import type { ArtifactStore } from './artifact-store.ts';
import type { StoredArtifact } from './stored-artifact.ts';

/** What reading all of an artifact found. */
export interface VerifiedArtifact {
  readonly artifact: StoredArtifact;
  /** UNFINISHED is what an interrupted writer left: no reader sees it, and collection removes it. */
  readonly status: 'SOUND' | 'DAMAGED' | 'UNFINISHED';
  /** What is wrong, with the file's name; empty else. */
  readonly problem: string;
}

/** Reads every byte of every artifact, in constant memory; what is removed meanwhile is left out. */
export async function* verifyStore(
  store: ArtifactStore,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<VerifiedArtifact, void, undefined> {
  for await (const artifact of store.list()) {
    throwIfAborted(options.signal);
    if (!artifact.complete) yield { artifact, status: 'UNFINISHED', problem: '' };
    else {
      const verified = await verifyOne(store, artifact);
      if (verified) yield verified;
    }
  }
}

async function verifyOne(store: ArtifactStore, artifact: StoredArtifact): Promise<VerifiedArtifact | undefined> {
  try {
    await store.verify(artifact);
    return { artifact, status: 'SOUND', problem: '' };
  } catch (thrown) {
    const error = toHoneError(thrown);
    if (error.code === 'NOT_FOUND' && !(await isListed(store, artifact))) return undefined;
    // A store that cannot be reached says nothing about what is in it.
    if (error.code === 'UNAVAILABLE' || error.code === 'FAILED_PRECONDITION') throw error;
    return { artifact, status: 'DAMAGED', problem: error.message };
  }
}

function isListed(store: ArtifactStore, { kind, digest }: StoredArtifact): Promise<boolean> {
  return kind === 'rows' ? store.hasJsonLines(digest) : store.hasFolder(digest);
}
