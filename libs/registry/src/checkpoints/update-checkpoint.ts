/** Changing what people wrote on checkpoints. */
import type { Checkpoint, UpdateCheckpointRequest } from '@hone/contracts';
import type { Database } from '@hone/database';
import { invalidArgument } from '@hone/errors';
import { readUpdateMask, requireEtag } from '@hone/listing';
import { sql } from 'kysely';
import { describeCheckpoint, getCheckpointRow } from '../rows/checkpoints.ts';
import { changedColumns, checkTexts, TEXT_FIELDS } from '../texts.ts';

/** Changes what people wrote on a checkpoint, which may be deleted. */
export async function updateCheckpoint(
  database: Database,
  { checkpoint: given, updateMask, validateOnly }: UpdateCheckpointRequest,
): Promise<Checkpoint> {
  if (!given) throw invalidArgument('checkpoint', 'must be set');
  const mask = readUpdateMask(updateMask, TEXT_FIELDS);
  checkTexts(given, 'checkpoint');
  return database.transaction().execute(async (transaction) => {
    const { digest } = await getCheckpointRow(transaction, given.name, 'checkpoint.name');
    const { revision } = await transaction
      .selectFrom('checkpoints')
      .select('revision')
      .where('digest', '=', digest)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const name = `checkpoints/${digest}`;
    requireEtag(given.etag, revision, name);
    if (!validateOnly)
      await transaction
        .updateTable('checkpoints')
        .set({ ...changedColumns(given, mask), revision: sql`revision + 1` })
        .where('digest', '=', digest)
        .execute();
    return describeCheckpoint(transaction, name, 'checkpoint.name');
  });
}
