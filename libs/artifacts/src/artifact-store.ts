import type { Digest } from './digest.ts';
import type { FolderArtifact } from './directory/folder.ts';
import type { JsonLinesArtifact } from './json/json-lines.ts';
import type { ArtifactNote } from './note.ts';
import type { StoredArtifact } from './stored-artifact.ts';

/**
 * Immutable artifacts by the digest of their content: lists of rows (problems, completions, verdicts, pairs) and
 * folders (checkpoints). Equal content has equal names, so storing twice is storing once, and a retry does no harm; what
 * was damaged meanwhile is mended by storing it again.
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
  /** Bytes that stored rows take up, compressed; undefined where they are not in the store. */
  storedBytesOfJsonLines(digest: Digest): Promise<number | undefined>;
  /** Stores the files that `write` puts into the folder it is given (no folders inside). */
  createFolder(write: (folder: string) => Promise<void>): Promise<FolderArtifact>;
  /** Stores a copy of a folder's files. */
  putFolder(source: string): Promise<FolderArtifact>;
  /** The local path of a stored folder, after its manifest and sizes (with `verify`, every byte) were checked. */
  openFolder(digest: Digest, options?: { readonly verify?: boolean }): Promise<string>;
  /** The text of one small file of a stored folder, without its other files; undefined where the folder has no such file. */
  readFolderText(digest: Digest, file: string): Promise<string | undefined>;
  /** What a stored folder holds. */
  describeFolder(digest: Digest): Promise<FolderArtifact>;
  hasFolder(digest: Digest): Promise<boolean>;
  /** Leaves a note of an artifact; it is seen whole or not at all. */
  putNote(note: ArtifactNote): Promise<void>;
  /** All notes that nobody has removed, in no order that means anything. */
  notes(): AsyncGenerator<ArtifactNote, void, undefined>;
  removeNote(digest: Digest): Promise<void>;
  /** All artifacts, one after the other, in no order that means anything. */
  list(): AsyncGenerator<StoredArtifact, void, undefined>;
  /** Reads every byte of an artifact in constant memory; `DATA_LOSS` names the file that is damaged. */
  verify(artifact: StoredArtifact): Promise<void>;
  /** Removes an artifact, unless it is gone or was stored again after `olderThan`: then `false`. */
  remove(artifact: StoredArtifact, options: { readonly olderThan: Date }): Promise<boolean>;
  /** Throws where the store is not there or cannot be written to, without writing. */
  check(): Promise<void>;
  /** Removes what writers left that died before `olderThan`. */
  sweep(options: { readonly olderThan: Date }): Promise<void>;
}
