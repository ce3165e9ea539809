import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, noteOfCheckpoint, type Checkpoint } from '@hone/contracts';

/** Leaves word of a new checkpoint in the store, where the orchestrator finds it: the trainer has no database. */
export const leaveNote = (store: ArtifactStore, checkpoint: Checkpoint): Promise<void> =>
  store.putNote({
    digest: digestOfName('checkpoints', checkpoint.name, 'checkpoint'),
    text: noteOfCheckpoint(checkpoint),
  });
