/** Rows of checkpoints. */
import {
  Checkpoint,
  CheckpointOrigin,
  checkpointOriginFromJSON,
  digestOfName,
  nameOfDigest,
  type ListCheckpointsRequest,
} from '@hone/contracts';
import { listRules, readPage, type CheckpointsTable, type ListColumns, type Queryable } from '@hone/database';
import { failedPrecondition, invalidArgument, notFound } from '@hone/errors';
import { etagOf, readListRequest, readReadMask } from '@hone/listing';
import { sql, type Selectable } from 'kysely';
import { nameOfModel, nameOfVersion, parseVersionReference } from '../names.ts';
import { requireNotDeleted, resolveVersion } from './versions.ts';

const ADVICE = 'OrchestratorService.ListCheckpoints lists the checkpoints that exist';

export type CheckpointRow = Selectable<CheckpointsTable>;

/** Rows as messages, with the versions and aliases that name them. */
export async function checkpointMessages(database: Queryable, rows: readonly CheckpointRow[]): Promise<Checkpoint[]> {
  const messages = rows.map(messageOf);
  if (rows.length === 0) return messages;
  const names = await database
    .selectFrom('model_versions as v')
    .leftJoin('model_aliases as a', (join) =>
      join.onRef('a.model', '=', 'v.model').onRef('a.version', '=', 'v.version'),
    )
    .select(['v.digest', 'v.model', 'v.version', 'a.alias'])
    .where(
      'v.digest',
      'in',
      rows.map(({ digest }) => digest),
    )
    .orderBy('v.model')
    .orderBy('v.version')
    .orderBy('a.alias')
    .execute();
  const byDigest = new Map(rows.map(({ digest }, index) => [digest, messages[index]!]));
  for (const { digest, model, version, alias } of names) {
    const { versions, aliases } = byDigest.get(digest)!;
    const name = nameOfVersion(model, version);
    if (versions.at(-1) !== name) versions.push(name);
    if (alias !== null) aliases.push(`${nameOfModel(model)}@${alias}`);
  }
  return messages;
}

function messageOf(row: CheckpointRow): Checkpoint {
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
    labels: row.labels as Record<string, string>,
    notes: row.notes,
    etag: etagOf(row.revision),
    deleteTime: row.delete_time ?? undefined,
  });
}

/**
 * Registers a checkpoint; one that is known already keeps its first registration, and is there again if it was deleted. Its run is
 * noted in any case.
 */
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
    .onConflict((conflict) =>
      conflict
        .column('digest')
        .doUpdateSet(({ ref }) => ({ delete_time: null, revision: sql`${ref('checkpoints.revision')} + 1` }))
        .where('checkpoints.delete_time', 'is not', null),
    )
    .execute();
  if (runId === null) return;
  await database
    .insertInto('run_checkpoints')
    .values({ run_id: runId, digest, iteration: checkpoint.iteration })
    .onConflict((conflict) => conflict.columns(['run_id', 'digest']).doNothing())
    .execute();
}

/**
 * The row of a checkpoint by its name, a unique prefix of it of at least 8 digits, or a version or alias of a model; `field` names
 * the request's field in errors.
 */
export async function getCheckpointRow(database: Queryable, name: string, field: string): Promise<CheckpointRow> {
  const reference = parseVersionReference(name);
  const digest = reference && (await resolveVersion(database, reference)).digest;
  const prefix = digest ?? /^checkpoints\/([0-9a-f]{8,64})$/.exec(name)?.[1];
  if (prefix === undefined) {
    const rule =
      'must be a name "checkpoints/{8 to 64 hexadecimal digits}", "models/{model}@{alias}" or "models/{model}/versions/{n}"';
    throw invalidArgument(field, `${rule}, but is "${name}"`);
  }
  const select = database.selectFrom('checkpoints').selectAll();
  const rows = await select.where('digest', 'like', `${prefix}%`).limit(2).execute();
  if (rows.length === 0) throw notFound(name, ADVICE);
  if (rows.length > 1)
    throw failedPrecondition('AMBIGUOUS_NAME', `${name} begins several checkpoints: give more digits`);
  return rows[0]!;
}

/** A checkpoint, which may be deleted, by any of its names. */
export async function describeCheckpoint(database: Queryable, name: string, field: string): Promise<Checkpoint> {
  const row = await getCheckpointRow(database, name, field);
  return (await checkpointMessages(database, [row]))[0]!;
}

/** A checkpoint that is there to be used, by any of its names. */
export async function getCheckpoint(database: Queryable, name: string, field: string): Promise<Checkpoint> {
  const checkpoint = await describeCheckpoint(database, name, field);
  requireNotDeleted(checkpoint.name, checkpoint.deleteTime);
  return checkpoint;
}

/** "checkpoints/{digest}" or "{digest}" -> "{digest}". */
const withoutCollection = (text: string): string => text.replace(/^(?:checkpoints|datasets)\//, '');

const ORIGINS = Object.values(CheckpointOrigin).filter((origin) => origin !== CheckpointOrigin.UNSPECIFIED);
const ORIGIN_PREFIX = 'CHECKPOINT_ORIGIN_';

const COLUMNS: ListColumns<CheckpointRow> = {
  number: { kind: 'integer', sql: sql`number`, of: ({ number }) => number, hidden: true },
  name: { kind: 'text', sql: sql`digest`, toSql: withoutCollection },
  origin: {
    kind: ORIGINS.flatMap((origin) => [origin.slice(ORIGIN_PREFIX.length), origin]),
    sql: sql`origin`,
    toSql: (text) => (text.startsWith(ORIGIN_PREFIX) ? text : ORIGIN_PREFIX + text),
  },
  parent: { kind: 'text', sql: sql`parent`, toSql: withoutCollection },
  dataset: { kind: 'text', sql: sql`dataset`, toSql: withoutCollection },
  iteration: { kind: 'integer', sql: sql`iteration`, of: ({ iteration }) => iteration },
  display_name: { kind: 'text', sql: sql`display_name`, of: ({ display_name: name }) => name },
  parameter_count: { kind: 'integer', sql: sql`parameter_count`, of: (row) => String(row.parameter_count) },
  size_bytes: { kind: 'integer', sql: sql`size_bytes`, of: (row) => String(row.size_bytes) },
  create_time: { kind: 'time', sql: sql`create_time`, of: ({ create_time: time }) => time },
  labels: { kind: 'map', sql: sql`labels` },
};

/** A page of checkpoints, with the fields of the read mask; only those of a run where one is given. */
export async function listCheckpoints(
  database: Queryable,
  request: ListCheckpointsRequest,
  runId: string | undefined,
): Promise<{ checkpoints: Checkpoint[]; nextPageToken: string }> {
  const keepRead = readReadMask(request.readMask, Checkpoint);
  const list = ['checkpoints', runId ?? '', String(request.showDeleted)];
  const rules = listRules(list, COLUMNS, { field: 'number', descending: true });
  let select = database.selectFrom('checkpoints').selectAll();
  if (!request.showDeleted) select = select.where('delete_time', 'is', null);
  if (runId !== undefined) {
    const made = database.selectFrom('run_checkpoints').select('digest').where('run_id', '=', runId);
    select = select.where('digest', 'in', made);
  }
  const { rows, nextPageToken } = await readPage(select, readListRequest(request, rules), COLUMNS);
  return { checkpoints: (await checkpointMessages(database, rows)).map(keepRead), nextPageToken };
}
