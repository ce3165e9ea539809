import type { ArtifactStore } from '@hone/artifacts';
import { writeCheckpointFiles, type Checkpoint } from '@hone/checkpoint';
import { nameOfDigest } from '@hone/contracts';
import type { StoredCheckpoint } from './worker-protocol.ts';

/** Puts a model into the store, with fp32 weights; it appears complete or not at all. */
export async function storeCheckpoint(store: ArtifactStore, checkpoint: Checkpoint): Promise<StoredCheckpoint> {
  const { digest, bytes } = await store.createFolder((folder) => writeCheckpointFiles(folder, checkpoint));
  return { name: nameOfDigest('checkpoints', digest), bytes, parameterCount: checkpoint.weights.flat.length };
}
