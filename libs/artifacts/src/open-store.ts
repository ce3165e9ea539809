/** The store that a location names. */
import type { ArtifactStore as Store } from './artifact-store.ts';
import { DirectoryStore } from './directory/directory-store.ts';
import { parseStoreLocation } from './location.ts';
import { S3Store } from './s3/s3-store.ts';

export type ArtifactStore = Store;
export const ArtifactStore = {
  /**
   * Opens the store at `DIR`, which is made where it is missing, or `s3://bucket/prefix` on the server that
   * HONE_S3_ENDPOINT names (default: AWS). `onMade` is told of a folder that was made.
   */
  async open(location: string, onMade?: (folder: string) => void): Promise<ArtifactStore> {
    const parsed = parseStoreLocation(location);
    if (parsed.kind === 'directory') return DirectoryStore.open(parsed.root, onMade);
    return S3Store.open(parsed);
  },
};
