/** Checkpoints that were made outside of runs enter the register by the notes that their makers left beside them in the store. */
import { checkpointOfNote, digestOfName, nameOfDigest, type Checkpoint } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import type { RegistryContext } from '../context.ts';
import { registerStoredCheckpoint } from './register-checkpoint.ts';
import { describeCheckpoint } from '../rows/checkpoints.ts';

/**
 * Registers what the notes in the store tell of; each note goes when its checkpoint is in the register. One that cannot be registered
 * stays, and holds up no other.
 */
export async function registerNotedCheckpoints(
  context: RegistryContext,
  onFault: (thrown: unknown) => void,
): Promise<void> {
  const told = new Map<string, Checkpoint>();
  for await (const { digest, text } of context.store.notes()) {
    const checkpoint = checkpointOfNote(text);
    if (checkpoint) told.set(nameOfDigest('checkpoints', digest), checkpoint);
  }
  for (const name of told.keys()) await registerNoted(context, name, told).catch(onFault);
}

/** A parent comes before its children. */
async function registerNoted(context: RegistryContext, name: string, told: Map<string, Checkpoint>): Promise<void> {
  const checkpoint = told.get(name);
  if (!checkpoint) return;
  told.delete(name);
  await registerNoted(context, checkpoint.parent, told);
  const digest = digestOfName('checkpoints', name, 'note');
  if (await context.store.hasFolder(digest)) {
    // A parent that the register never had is named by the recipe alone.
    const parent = (await isKnown(context, checkpoint.parent)) ? checkpoint.parent : '';
    await registerStoredCheckpoint(context, { ...checkpoint, name, parent, run: '' });
  }
  await context.store.removeNote(digest);
}

async function isKnown({ database }: RegistryContext, name: string): Promise<boolean> {
  if (name === '') return false;
  try {
    return !(await describeCheckpoint(database, name, 'parent')).deleteTime;
  } catch (thrown) {
    if (thrown instanceof HoneError && thrown.code === 'NOT_FOUND') return false;
    throw thrown;
  }
}
