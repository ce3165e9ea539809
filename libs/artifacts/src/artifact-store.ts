import type { Digest } from './digest.ts';
import { DirectoryStore } from './directory-store.ts';
import type { FolderArtifact } from './folder.ts';
import type { JsonLinesArtifact } from './json-lines.ts';

/**
 * Immutable artifacts by the digest of their content: lists of rows (problems, completions, verdicts, pairs) and
 * folders (checkpoints). Equal content has equal names, so storing twice is storing once, and a retry does no harm.
 */
export interface ArtifactStore {
  /** Stores rows as compressed JSON lines, streamed in constant memory. */
  putJsonLines(
    rows: AsyncIterable<object> | Iterable<object>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<JsonLinesArtifact>;
  /** Streams rows; damage is found at the latest after the last row (`DATA_LOSS`). */
  readJsonLines<T>(digest: Digest): AsyncGenerator<T, void, undefined>;
  hasJsonLines(digest: Digest): Promise<boolean>;
  /** Stores the files that `write` puts into the folder it is given (no folders inside). */
  createFolder(write: (folder: string) => Promise<void>): Promise<FolderArtifact>;
  /** Stores a copy of a folder's files. */
  putFolder(source: string): Promise<FolderArtifact>;
  /** The local path of a stored folder, after its manifest and sizes (with `verify`, every byte) were checked. */
  openFolder(digest: Digest, options?: { readonly verify?: boolean }): Promise<string>;
  /** What a stored folder holds. */
  describeFolder(digest: Digest): Promise<FolderArtifact>;
  hasFolder(digest: Digest): Promise<boolean>;
}

export const ArtifactStore = {
  /** Opens the store in a directory, which is made where it is missing. */
  open(root: string): Promise<ArtifactStore> {
    return DirectoryStore.open(root);
  },
};
