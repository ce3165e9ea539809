/** The register of checkpoints, with their lineage. */
import { Checkpoint, checkpointOriginFromJSON, digestOfName, nameOfDigest } from '@hone/contracts';
import { failedPrecondition, invalidArgument, notFound } from '@hone/errors';
import type { Selectable } from 'kysely';
import type { Queryable } from './runs.ts';
import type { CheckpointsTable } from './schema.ts';

const ADVICE = '"hone checkpoints list" shows the checkpoints that exist';

function messageOf(row: Selectable<CheckpointsTable>): Checkpoint {
  return Checkpoint.fromPartial({
    name: nameOfDigest('checkpoints', row.digest),
    origin: checkpointOriginFromJSON(row.origin),
    parent: row.parent === null ? '' : nameOfDigest('checkpoints', row.parent),
    dataset: row.dataset === null ? '' : nameOfDigest('datasets', row.dataset),
    run: row.run_id === null ? '' : `runs/${row.run_id}`,
    iteration: row.iteration,
    recipeJson: row.recipe,
    displayName: row.display_name,
    // int8 comes as a number or as text, depending on the driver.
    parameterCount: BigInt(row.parameter_count),
    sizeBytes: BigInt(row.size_bytes),
    createTime: row.create_time,
  });
}

/** Registers a checkpoint; one that is known already keeps its first registration. Its run is noted in any case. */
export async function registerCheckpoint(database: Queryable, checkpoint: Checkpoint): Promise<void> {
  const digest = digestOfName('checkpoints', checkpoint.name, 'name');
  const runId = checkpoint.run === '' ? null : checkpoint.run.slice('runs/'.length);
  const row = {
    digest,
    origin: checkpoint.origin,
    parent: checkpoint.parent === '' ? null : digestOfName('checkpoints', checkpoint.parent, 'parent'),
    dataset: checkpoint.dataset === '' ? null : digestOfName('datasets', checkpoint.dataset, 'dataset'),
    run_id: runId,
    iteration: checkpoint.iteration,
    recipe: checkpoint.recipeJson,
    display_name: checkpoint.displayName,
    parameter_count: String(checkpoint.parameterCount),
    size_bytes: String(checkpoint.sizeBytes),
    create_time: new Date(),
  };
  await database
    .insertInto('checkpoints')
    .values(row)
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
  if (runId === null) return;
  await database
    .insertInto('run_checkpoints')
    .values({ run_id: runId, digest, iteration: checkpoint.iteration })
    .onConflict((conflict) => conflict.columns(['run_id', 'digest']).doNothing())
    .execute();
}

/** A checkpoint by its full name, or undefined. */
export async function findCheckpoint(database: Queryable, name: string): Promise<Checkpoint | undefined> {
  const digest = digestOfName('checkpoints', name, 'name');
  const row = await database.selectFrom('checkpoints').selectAll().where('digest', '=', digest).executeTakeFirst();
  return row && messageOf(row);
}

/** A checkpoint by its name or a unique prefix of at least 8 digits; `field` names the request's field in errors. */
export async function getCheckpoint(database: Queryable, name: string, field: string): Promise<Checkpoint> {
  const prefix = /^checkpoints\/([0-9a-f]{8,64})$/.exec(name)?.[1];
  if (prefix === undefined) {
    const rule = `must be a name "checkpoints/{8 to 64 hexadecimal digits}", but is "${name}"`;
    throw invalidArgument(field, rule);
  }
  const rows = await database
    .selectFrom('checkpoints')
    .selectAll()
    .where('digest', 'like', `${prefix}%`)
    .limit(2)
    .execute();
  if (rows.length === 0) throw notFound(name, ADVICE);
  if (rows.length > 1)
    throw failedPrecondition('AMBIGUOUS_NAME', `${name} begins several checkpoints: give more digits`);
  return messageOf(rows[0]!);
}

/** A checkpoint with its place in the order of registration. */
export interface NumberedCheckpoint {
  readonly number: number;
  readonly checkpoint: Checkpoint;
}

/** Checkpoints registered before the one with this number, the newest first; only those of a run where one is given. */
export async function listCheckpoints(
  database: Queryable,
  options: { readonly before: number; readonly limit: number; readonly runId: string | undefined },
): Promise<NumberedCheckpoint[]> {
  const { before, limit, runId } = options;
  let query = database.selectFrom('checkpoints').selectAll().where('number', '<', before);
  if (runId !== undefined) {
    const made = database.selectFrom('run_checkpoints').select('digest').where('run_id', '=', runId);
    query = query.where('digest', 'in', made);
  }
  const rows = await query.orderBy('number', 'desc').limit(limit).execute();
  return rows.map((row) => ({ number: row.number, checkpoint: messageOf(row) }));
}

/** A checkpoint and its registered ancestors, itself first. */
export async function lineageOf(database: Queryable, checkpoint: Checkpoint): Promise<Checkpoint[]> {
  const lineage = [checkpoint];
  const seen = new Set([checkpoint.name]);
  for (let parent = checkpoint.parent; parent !== '' && !seen.has(parent);) {
    const found = await findCheckpoint(database, parent);
    if (!found) break;
    lineage.push(found);
    seen.add(found.name);
    parent = found.parent;
  }
  return lineage;
}
