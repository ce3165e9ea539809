/** Models and their versions: what is asked of them. */
import {
  digestOfName,
  Model,
  ModelAlias,
  ModelVersion,
  nameOfDigest,
  type GetModelRequest,
  type GetVersionRequest,
  type ListModelsRequest,
  type ListModelsResponse,
  type ListVersionsRequest,
  type ListVersionsResponse,
  type PublishVersionRequest,
  type UpdateModelRequest,
} from '@hone/contracts';
import { listRules, readPage, type Database, type ListColumns, type Queryable, type Schema } from '@hone/database';
import { invalidArgument } from '@hone/errors';
import { etagOf, readListRequest, readUpdateMask, requireEtag } from '@hone/listing';
import { sql, type Kysely } from 'kysely';
import { modelIdOf, nameOfAlias, nameOfModel, nameOfVersion, parseVersionReference } from '../names.ts';
import { getCheckpoint } from '../rows/checkpoints.ts';
import {
  getModelRow,
  getVersionRow,
  lockModel,
  publishVersion,
  resolveVersion,
  type ModelRow,
  type VersionRow,
} from '../rows/versions.ts';
import { changedColumns, checkSignature, checkTexts, TEXT_FIELDS } from '../texts.ts';

/** Where aliases of models point, by model. */
async function aliasesOf(database: Queryable, models: readonly string[]): Promise<ReadonlyMap<string, ModelAlias[]>> {
  const byModel = new Map<string, ModelAlias[]>(models.map((model) => [model, []]));
  if (models.length === 0) return byModel;
  const rows = await database
    .selectFrom('model_aliases as a')
    .innerJoin('model_versions as v', (join) =>
      join.onRef('v.model', '=', 'a.model').onRef('v.version', '=', 'a.version'),
    )
    .select(['a.model', 'a.alias', 'a.version', 'a.revision', 'a.update_time', 'v.digest'])
    .where('a.model', 'in', [...models])
    .orderBy('a.alias')
    .execute();
  for (const { model, alias, version, revision, update_time: updateTime, digest } of rows) {
    const message = ModelAlias.fromPartial({
      name: nameOfAlias(model, alias),
      version: nameOfVersion(model, version),
      checkpoint: nameOfDigest('checkpoints', digest),
      updateTime,
      etag: etagOf(revision),
    });
    byModel.get(model)!.push(message);
  }
  return byModel;
}

async function modelMessages(database: Queryable, rows: readonly ModelRow[]): Promise<Model[]> {
  const aliases = await aliasesOf(
    database,
    rows.map(({ name }) => name),
  );
  return rows.map((row) =>
    Model.fromPartial({
      name: nameOfModel(row.name),
      displayName: row.display_name,
      notes: row.notes,
      labels: row.labels as Record<string, string>,
      lastVersion: row.last_version,
      aliases: aliases.get(row.name)!,
      createTime: row.create_time,
      updateTime: row.update_time,
      etag: etagOf(row.revision),
    }),
  );
}

/** A model by its id. */
export async function describeModel(database: Queryable, model: string): Promise<Model> {
  return (await modelMessages(database, [await getModelRow(database, model)]))[0]!;
}

async function versionMessages(database: Queryable, rows: readonly VersionRow[]): Promise<ModelVersion[]> {
  const aliases = await aliasesOf(database, [...new Set(rows.map(({ model }) => model))]);
  return rows.map(({ model, version, digest, run_id: runId, iteration, create_time: createTime }) => {
    const name = nameOfVersion(model, version);
    const pointing = aliases.get(model)!.filter((alias) => alias.version === name);
    return ModelVersion.fromPartial({
      name,
      version,
      checkpoint: nameOfDigest('checkpoints', digest),
      run: runId === null ? '' : `runs/${runId}`,
      iteration,
      createTime,
      aliases: pointing.map((alias) => alias.name.split('/').at(-1)!),
    });
  });
}

/** A model by its name. */
export async function getModel(database: Database, { name }: GetModelRequest): Promise<Model> {
  return describeModel(database, modelIdOf(name, 'name'));
}

const MODEL_COLUMNS: ListColumns<ModelRow> = {
  number: { kind: 'integer', sql: sql`number`, of: ({ number }) => number, hidden: true },
  name: { kind: 'text', sql: sql`name`, toSql: (text) => text.replace(/^models\//, ''), of: ({ name }) => name },
  display_name: { kind: 'text', sql: sql`display_name` },
  last_version: { kind: 'integer', sql: sql`last_version` },
  create_time: { kind: 'time', sql: sql`create_time`, of: ({ create_time: time }) => time },
  update_time: { kind: 'time', sql: sql`update_time`, of: ({ update_time: time }) => time },
  labels: { kind: 'map', sql: sql`labels` },
};

/** A page of models, the newest first unless another order is asked for. */
export async function listModels(database: Database, request: ListModelsRequest): Promise<ListModelsResponse> {
  const rules = listRules(['models'], MODEL_COLUMNS, { field: 'number', descending: true });
  const query = readListRequest(request, rules);
  const { rows, nextPageToken } = await readPage(database.selectFrom('models').selectAll(), query, MODEL_COLUMNS);
  return { models: await modelMessages(database, rows), nextPageToken };
}

/** Changes what people wrote on a model. */
export async function updateModel(
  database: Database,
  { model: given, updateMask, validateOnly }: UpdateModelRequest,
): Promise<Model> {
  if (!given) throw invalidArgument('model', 'must be set');
  const id = modelIdOf(given.name, 'model.name');
  const mask = readUpdateMask(updateMask, TEXT_FIELDS);
  checkTexts(given, 'model');
  return database.transaction().execute(async (transaction) => {
    const { revision } = await lockModel(transaction, id);
    requireEtag(given.etag, revision, nameOfModel(id));
    const changed = { ...changedColumns(given, mask), revision: revision + 1, update_time: new Date() };
    if (!validateOnly) await transaction.updateTable('models').set(changed).where('name', '=', id).execute();
    return describeModel(transaction, id);
  });
}

/** Makes a checkpoint the next version of a model, for a caller. */
export async function publishCheckpoint(database: Database, request: PublishVersionRequest): Promise<ModelVersion> {
  const model = modelIdOf(request.model, 'model');
  checkSignature(request);
  const { name } = await getCheckpoint(database, request.checkpoint, 'checkpoint');
  if (request.validateOnly) return nextVersion(database, model, name);
  const digest = digestOfName('checkpoints', name, 'checkpoint');
  return database.transaction().execute(async (transaction) => {
    const { caller, reason } = request;
    const version = await publishVersion(transaction, { model, digest, caller, reason });
    return describeVersion(transaction, await getVersionRow(transaction, model, version));
  });
}

/** What a publication would make now. */
async function nextVersion(database: Kysely<Schema>, model: string, checkpoint: string): Promise<ModelVersion> {
  const row = await database.selectFrom('models').select('last_version').where('name', '=', model).executeTakeFirst();
  const version = (row?.last_version ?? 0) + 1;
  return ModelVersion.fromPartial({ name: nameOfVersion(model, version), version, checkpoint });
}

async function describeVersion(database: Queryable, row: VersionRow): Promise<ModelVersion> {
  return (await versionMessages(database, [row]))[0]!;
}

/** A version by its number or by an alias. */
export async function getVersion(database: Database, { name }: GetVersionRequest): Promise<ModelVersion> {
  const reference = parseVersionReference(name);
  const rule = `must be a name "models/{model}/versions/{n}" or "models/{model}@{alias}", but is "${name}"`;
  if (!reference) throw invalidArgument('name', rule);
  return describeVersion(database, await resolveVersion(database, reference));
}

const VERSION_COLUMNS: ListColumns<VersionRow> = {
  version: { kind: 'integer', sql: sql`version`, of: ({ version }) => version },
  checkpoint: { kind: 'text', sql: sql`digest`, toSql: (text) => text.replace(/^checkpoints\//, '') },
  run: { kind: 'text', sql: sql`run_id`, toSql: (text) => text.replace(/^runs\//, '') },
  iteration: { kind: 'integer', sql: sql`iteration` },
  create_time: { kind: 'time', sql: sql`create_time`, of: ({ create_time: time }) => time },
};

/** A page of a model's versions, the newest first. */
export async function listVersions(database: Database, request: ListVersionsRequest): Promise<ListVersionsResponse> {
  const model = modelIdOf(request.parent, 'parent');
  await getModelRow(database, model);
  const rules = listRules(['versions', model], VERSION_COLUMNS, { field: 'version', descending: true });
  const select = database.selectFrom('model_versions').selectAll().where('model', '=', model);
  const { rows, nextPageToken } = await readPage(select, readListRequest(request, rules), VERSION_COLUMNS);
  return { versions: await versionMessages(database, rows), nextPageToken };
}
