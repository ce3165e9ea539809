/** Deleting checkpoints. */
import { RunState, type Checkpoint, type DeleteCheckpointRequest } from '@hone/contracts';
import type { Database, Schema } from '@hone/database';
import { failedPrecondition } from '@hone/errors';
import { requireEtag } from '@hone/listing';
import { sql, type Transaction } from 'kysely';
import { LATEST } from '../names.ts';
import { describeCheckpoint, getCheckpointRow } from '../rows/checkpoints.ts';
import { requireNotDeleted } from '../rows/versions.ts';

/** Runs that may be gone on with, but need not. */
const STOPPED: readonly string[] = [RunState.FAILED, RunState.CANCELLED];
/** Runs that go on by themselves or by a word, and so need their files whatever anybody forces. */
const LIVE = Object.values<string>(RunState).filter(
  (state) => state !== RunState.SUCCEEDED && !STOPPED.includes(state),
);

/** Turns a checkpoint into a tombstone: its row stays for the lineages that it is in, its files go at the next collection. */
export async function deleteCheckpoint(database: Database, request: DeleteCheckpointRequest): Promise<Checkpoint> {
  const { name: given, etag, force, validateOnly } = request;
  return database.transaction().execute(async (transaction) => {
    const { digest } = await getCheckpointRow(transaction, given, 'name');
    const row = await transaction
      .selectFrom('checkpoints')
      .selectAll()
      .where('digest', '=', digest)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const name = `checkpoints/${digest}`;
    requireNotDeleted(name, row.delete_time);
    requireEtag(etag, row.revision, name);
    await requireNoAlias(transaction, digest);
    await requireNoRun(transaction, digest, force);
    if (!force) await requireNoChild(transaction, digest);
    if (!validateOnly)
      await transaction
        .updateTable('checkpoints')
        .set({ delete_time: new Date(), revision: sql`revision + 1` })
        .where('digest', '=', digest)
        .execute();
    return describeCheckpoint(transaction, name, 'name');
  });
}

async function requireNoAlias(transaction: Transaction<Schema>, digest: string): Promise<void> {
  // Whoever moves an alias holds the row of its model, so that none comes to point here meanwhile.
  const published = transaction.selectFrom('model_versions').select('model').where('digest', '=', digest);
  await transaction
    .selectFrom('models')
    .select('name')
    .where('name', 'in', published)
    .orderBy('name')
    .forUpdate()
    .execute();
  const alias = await transaction
    .selectFrom('model_aliases as a')
    .innerJoin('model_versions as v', (join) =>
      join.onRef('v.model', '=', 'a.model').onRef('v.version', '=', 'a.version'),
    )
    .select(['a.model', 'a.alias'])
    .where('v.digest', '=', digest)
    .where('a.alias', '!=', LATEST)
    .executeTakeFirst();
  if (!alias) return;
  const name = `models/${alias.model}@${alias.alias}`;
  const message = `checkpoints/${digest} is ${name}: move or remove that alias first`;
  throw failedPrecondition('CHECKPOINT_HAS_ALIAS', message, { alias: name });
}

async function requireNoRun(transaction: Transaction<Schema>, digest: string, force: boolean): Promise<void> {
  const made = transaction.selectFrom('run_checkpoints').select('run_id').where('digest', '=', digest);
  const run = await transaction
    .selectFrom('runs')
    .select(['id', 'state'])
    .where('state', 'in', force ? LIVE : [...LIVE, ...STOPPED])
    .where(({ or, eb }) =>
      or([eb('id', 'in', made), sql<boolean>`spec ->> 'baseCheckpoint' = ${`checkpoints/${digest}`}`]),
    )
    .orderBy('number', 'desc')
    .executeTakeFirst();
  if (!run) return;
  const needs = LIVE.includes(run.state) ? 'needs it' : 'would need it to go on (force deletes it all the same)';
  const message = `checkpoints/${digest} cannot go: runs/${run.id} ${needs}`;
  throw failedPrecondition('CHECKPOINT_IN_USE', message, { run: `runs/${run.id}` });
}

async function requireNoChild(transaction: Transaction<Schema>, digest: string): Promise<void> {
  const child = await transaction
    .selectFrom('checkpoints')
    .select('digest')
    .where('parent', '=', digest)
    .where('delete_time', 'is', null)
    .executeTakeFirst();
  if (!child) return;
  const message = `checkpoints/${child.digest} was trained from checkpoints/${digest}: force deletes it all the same`;
  throw failedPrecondition('CHECKPOINT_HAS_CHILDREN', message, { child: `checkpoints/${child.digest}` });
}
