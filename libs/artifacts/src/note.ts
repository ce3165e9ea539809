import type { Digest } from './digest.ts';

/**
 * What is to be known of an artifact beside its content: whoever made it leaves a note, and who keeps the books reads and removes it.
 * One stays at most for each artifact, the last.
 */
export interface ArtifactNote {
  readonly digest: Digest;
  readonly text: string;
}
