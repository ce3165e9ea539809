import type { Digest } from './digest.ts';

/** An artifact as it lies in a store. */
export interface StoredArtifact {
  /** A list of rows, or a folder of files. */
  readonly kind: 'rows' | 'folder';
  readonly digest: Digest;
  /** What it takes up: compressed, with its manifest. */
  readonly storedBytes: number;
  /** When it was stored, or stored again, last. */
  readonly storedTime: Date;
  /** False for what an interrupted writer left under the artifact's name: readers do not see it. */
  readonly complete: boolean;
}
