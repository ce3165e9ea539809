import type { ArtifactStore } from '@hone/artifacts';
import { writeCheckpointFiles, type Checkpoint } from '@hone/checkpoint';
import { nameOfDigest } from '@hone/contracts';
import { writeAdapterFiles, type LoraAdapter } from '@hone/training';
import type { StoredCheckpoint } from '../port.ts';

/** Puts an adapter into the store as PEFT's files; gives its name. */
export async function storeAdapter(store: ArtifactStore, adapter: LoraAdapter, base: string): Promise<string> {
  const { digest } = await store.createFolder((folder) => writeAdapterFiles(folder, adapter, base));
  return nameOfDigest('adapters', digest);
}

/** Puts a model into the store, with fp32 weights; it appears complete or not at all. */
export async function storeCheckpoint(store: ArtifactStore, checkpoint: Checkpoint): Promise<StoredCheckpoint> {
  const { digest, bytes } = await store.createFolder((folder) => writeCheckpointFiles(folder, checkpoint));
  return { name: nameOfDigest('checkpoints', digest), bytes, parameterCount: checkpoint.weights.flat.length };
}
