/** Models with their numbered versions, and the aliases that point at them. */
import { nameOfDigest } from '@hone/contracts';
import type { ModelsTable, ModelVersionsTable, Queryable, Schema } from '@hone/database';
import { failedPrecondition, notFound } from '@hone/errors';
import type { Selectable, Transaction } from 'kysely';
import { LATEST, nameOfModel, nameOfVersion, type VersionReference } from '../names.ts';
import { moveAlias } from './aliases.ts';

const ADVICE = 'RegistryService.ListModels lists the models that exist';

export type ModelRow = Selectable<ModelsTable>;
export type VersionRow = Selectable<ModelVersionsTable>;

/** A checkpoint to publish. */
export interface NewVersion {
  /** The model's id, without "models/". */
  readonly model: string;
  /** Digest of the checkpoint, which is registered. */
  readonly digest: string;
  /** The run that publishes it; undefined where a caller does. */
  readonly runId?: string;
  /** The run's iteration. */
  readonly iteration?: number;
  /** For the audit trail of the alias `latest`; a run is its own caller. */
  readonly caller?: string;
  readonly reason?: string;
}

/**
 * Makes a checkpoint the next version of a model and moves the model's alias `latest` to it; gives the version's number. The model
 * comes to be with its first version. Publishing the same checkpoint of the same run and iteration again (or, without a run, the
 * same checkpoint) changes nothing and gives the same number, so that a step that is repeated does no harm.
 */
export async function publishVersion(transaction: Transaction<Schema>, given: NewVersion): Promise<number> {
  const { model, digest, runId, iteration = 0 } = given;
  // Before the model's row, in the order in which a deletion takes both.
  await holdCheckpoint(transaction, digest);
  const now = new Date();
  const created = { name: model, create_time: now, update_time: now };
  await transaction
    .insertInto('models')
    .values(created)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  // Whoever holds the model's row numbers its versions and moves its aliases alone.
  const { last_version: last } = await lockModel(transaction, model);
  const known = await findPublished(transaction, given);
  if (known !== undefined) return known;
  const version = last + 1;
  const row = { model, version, digest, run_id: runId ?? null, iteration, create_time: now };
  await transaction.insertInto('model_versions').values(row).execute();
  await transaction
    .updateTable('models')
    .set({ last_version: version, update_time: now })
    .where('name', '=', model)
    .execute();
  const caller = runId === undefined ? (given.caller ?? '') : `runs/${runId}`;
  const reason = given.reason || `version ${version} was published`;
  await moveAlias(transaction, { model, alias: LATEST, version, caller, reason });
  return version;
}

/**
 * Holds a registered checkpoint against its deletion until the transaction ends: for whoever comes to need it there, such as a run
 * that starts from it.
 */
export async function holdCheckpoint(transaction: Transaction<Schema>, digest: string): Promise<void> {
  const name = nameOfDigest('checkpoints', digest);
  const query = transaction.selectFrom('checkpoints').select('delete_time').where('digest', '=', digest).forShare();
  const row = await query.executeTakeFirst();
  if (!row) throw notFound(name, 'OrchestratorService.ListCheckpoints lists the checkpoints that exist');
  requireNotDeleted(name, row.delete_time);
}

/** The number under which a checkpoint was published already. */
async function findPublished(database: Queryable, given: NewVersion): Promise<number | undefined> {
  const { model, digest, runId, iteration = 0 } = given;
  let query = database.selectFrom('model_versions').select('version').where('model', '=', model);
  query = query.where('digest', '=', digest).where('iteration', '=', iteration);
  query = runId === undefined ? query.where('run_id', 'is', null) : query.where('run_id', '=', runId);
  return (await query.executeTakeFirst())?.version;
}

/** A model by its id. */
export async function getModelRow(database: Queryable, model: string): Promise<ModelRow> {
  const row = await database.selectFrom('models').selectAll().where('name', '=', model).executeTakeFirst();
  if (!row) throw notFound(nameOfModel(model), ADVICE);
  return row;
}

/** A model by its id, held against other changes until the transaction ends. */
export async function lockModel(transaction: Transaction<Schema>, model: string): Promise<ModelRow> {
  const query = transaction.selectFrom('models').selectAll().where('name', '=', model).forUpdate();
  const row = await query.executeTakeFirst();
  if (!row) throw notFound(nameOfModel(model), ADVICE);
  return row;
}

/** A version by its number. */
export async function getVersionRow(database: Queryable, model: string, version: number): Promise<VersionRow> {
  const row = await database
    .selectFrom('model_versions')
    .selectAll()
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row) return row;
  const { last_version: last } = await getModelRow(database, model);
  throw notFound(nameOfVersion(model, version), `${nameOfModel(model)} has versions 1 to ${last}`);
}

/** A version by its number or alias. */
export async function resolveVersion(database: Queryable, reference: VersionReference): Promise<VersionRow> {
  const { model } = reference;
  if ('version' in reference) return getVersionRow(database, model, reference.version);
  const row = await database
    .selectFrom('model_aliases')
    .innerJoin('model_versions', (join) =>
      join
        .onRef('model_versions.model', '=', 'model_aliases.model')
        .onRef('model_versions.version', '=', 'model_aliases.version'),
    )
    .selectAll('model_versions')
    .where('model_aliases.model', '=', model)
    .where('model_aliases.alias', '=', reference.alias)
    .executeTakeFirst();
  if (row) return row;
  await getModelRow(database, model);
  const aliases = await database.selectFrom('model_aliases').select('alias').where('model', '=', model).execute();
  const known = aliases
    .map(({ alias }) => alias)
    .sort()
    .join(', ');
  throw notFound(`${nameOfModel(model)}@${reference.alias}`, `the aliases of ${nameOfModel(model)} are: ${known}`);
}

/** Refuses what has no files any more. */
export function requireNotDeleted(name: string, deleteTime: Date | null | undefined): void {
  if (!deleteTime) return;
  throw failedPrecondition(
    'CHECKPOINT_DELETED',
    `${name} was deleted on ${deleteTime.toISOString()}: import or make it again`,
  );
}
