/** The note that the maker of a checkpoint leaves beside it in the store, so that the register takes it in without anybody's help. */
import { Checkpoint } from './generated/hone/types/v1/checkpoint.ts';

interface Note {
  readonly kind: 'checkpoint';
  readonly checkpoint: unknown;
}

/** A note that says what a checkpoint is and where it comes from. */
export const noteOfCheckpoint = (checkpoint: Checkpoint): string =>
  JSON.stringify({ kind: 'checkpoint', checkpoint: Checkpoint.toJSON(checkpoint) } satisfies Note);

/** What a note says of a checkpoint; undefined where it is none of a checkpoint. */
export function checkpointOfNote(text: string): Checkpoint | undefined {
  try {
    const note = JSON.parse(text) as Partial<Note> | null;
    return note?.kind === 'checkpoint' ? Checkpoint.fromJSON(note.checkpoint) : undefined;
  } catch {
    return undefined;
  }
}
