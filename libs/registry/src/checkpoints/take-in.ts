/** Checkpoints that were made outside of runs enter the register by the notes that their makers left beside them in the store. */
import { checkpointOfNote, digestOfName, nameOfDigest, type Checkpoint } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import type { RegistryPlaces } from '../places.ts';
import { registerStoredCheckpoint } from './register-checkpoint.ts';
import { describeCheckpoint } from '../rows/checkpoints.ts';

/**
 * Registers what the notes in the store tell of; each note goes when its checkpoint is in the register. One that cannot be taken in
 * stays, and holds up no other.
 */
export async function takeInCheckpoints(places: RegistryPlaces, onFault: (thrown: unknown) => void): Promise<void> {
  const told = new Map<string, Checkpoint>();
  for await (const { digest, text } of places.store.notes()) {
    const checkpoint = checkpointOfNote(text);
    if (checkpoint) told.set(nameOfDigest('checkpoints', digest), checkpoint);
  }
  for (const name of told.keys()) await takeIn(places, name, told).catch(onFault);
}

/** A parent comes before its children. */
async function takeIn(places: RegistryPlaces, name: string, told: Map<string, Checkpoint>): Promise<void> {
  const checkpoint = told.get(name);
  if (!checkpoint) return;
  told.delete(name);
  await takeIn(places, checkpoint.parent, told);
  const digest = digestOfName('checkpoints', name, 'note');
  if (await places.store.hasFolder(digest)) {
    // A parent that the register never had is named by the recipe alone.
    const parent = (await isKnown(places, checkpoint.parent)) ? checkpoint.parent : '';
    await registerStoredCheckpoint(places, { ...checkpoint, name, parent, run: '' });
  }
  await places.store.removeNote(digest);
}

async function isKnown({ database }: RegistryPlaces, name: string): Promise<boolean> {
  if (name === '') return false;
  try {
    return !(await describeCheckpoint(database, name, 'parent')).deleteTime;
  } catch (thrown) {
    if (thrown instanceof HoneError && thrown.code === 'NOT_FOUND') return false;
    throw thrown;
  }
}
