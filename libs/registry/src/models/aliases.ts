/** Aliases: what is asked of them. */
import {
  AliasChange,
  ModelAlias,
  type DeleteAliasRequest,
  type ListAliasChangesRequest,
  type ListAliasChangesResponse,
  type SetAliasRequest,
} from '@hone/contracts';
import { listRules, readPage, type Database, type ListColumns } from '@hone/database';
import { invalidArgument } from '@hone/errors';
import { readListRequest } from '@hone/listing';
import { sql } from 'kysely';
import { describeModel } from './models.ts';
import { aliasIdOf, LATEST, modelIdOf, nameOfAlias, nameOfVersion, parseVersionReference } from '../names.ts';
import { checkAlias, moveAlias, type AliasChangeRow } from '../rows/aliases.ts';
import { getCheckpoint } from '../rows/checkpoints.ts';
import { getModelRow, lockModel } from '../rows/versions.ts';
import { checkSignature } from '../texts.ts';

function movableAlias(name: string): { readonly model: string; readonly alias: string } {
  const id = aliasIdOf(name, 'name');
  if (id.alias === LATEST) throw invalidArgument('name', 'must not be the alias latest, which moves by itself');
  return id;
}

/** The number of a version of this model. */
function versionOf(model: string, name: string, field: string): number {
  const parsed = parseVersionReference(name);
  if (parsed?.model === model && 'version' in parsed) return parsed.version;
  throw invalidArgument(field, `must be a name "models/${model}/versions/{n}", but is "${name}"`);
}

/** The number of the version at which the caller thinks the alias is: 0 for none, undefined where it does not care. */
function expectedVersionOf(model: string, name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  return name === '' ? 0 : versionOf(model, name, 'expected_version');
}

/** Moves an alias to a version, if it is where its mover thinks. */
export async function setAlias(database: Database, request: SetAliasRequest): Promise<ModelAlias> {
  const { model, alias } = movableAlias(request.name);
  const { etag, caller, reason } = request;
  const version = versionOf(model, request.version, 'version');
  const expectedVersion = expectedVersionOf(model, request.expectedVersion);
  checkSignature(request);
  return database.transaction().execute(async (transaction) => {
    await lockModel(transaction, model);
    const { name: checkpoint } = await getCheckpoint(transaction, nameOfVersion(model, version), 'version');
    if (request.validateOnly) {
      await checkAlias(transaction, { model, alias, expectedVersion, etag });
      return ModelAlias.fromPartial({ name: request.name, version: nameOfVersion(model, version), checkpoint });
    }
    await moveAlias(transaction, { model, alias, version, expectedVersion, etag, caller, reason });
    const { aliases } = await describeModel(transaction, model);
    return aliases.find(({ name }) => name === request.name)!;
  });
}

/** Removes an alias; answers with the line that its trail got. */
export async function deleteAlias(database: Database, request: DeleteAliasRequest): Promise<AliasChange> {
  const { model, alias } = movableAlias(request.name);
  const { etag, caller, reason } = request;
  checkSignature(request);
  return database.transaction().execute(async (transaction) => {
    await lockModel(transaction, model);
    const change = await moveAlias(transaction, { model, alias, version: undefined, etag, caller, reason });
    return messageOf(change!);
  });
}

function messageOf(row: AliasChangeRow): AliasChange {
  const { model, alias, from_version: from, to_version: to, caller, reason, time } = row;
  return AliasChange.fromPartial({
    alias: nameOfAlias(model, alias),
    fromVersion: from === null ? '' : nameOfVersion(model, from),
    toVersion: to === null ? '' : nameOfVersion(model, to),
    ...{ caller, reason, time },
  });
}

const COLUMNS: ListColumns<AliasChangeRow> = {
  number: { kind: 'integer', sql: sql`number`, of: ({ number }) => number, hidden: true },
};

/** A page of the trail of an alias, or of all of a model, the newest first. */
export async function listAliasChanges(
  database: Database,
  request: ListAliasChangesRequest,
): Promise<ListAliasChangesResponse> {
  const ofOne = request.parent.includes('/aliases/') ? aliasIdOf(request.parent, 'parent') : undefined;
  const model = ofOne?.model ?? modelIdOf(request.parent, 'parent');
  await getModelRow(database, model);
  const rules = listRules(['alias changes', request.parent], COLUMNS, { field: 'number', descending: true });
  let select = database.selectFrom('alias_changes').selectAll().where('model', '=', model);
  if (ofOne) select = select.where('alias', '=', ofOne.alias);
  const { rows, nextPageToken } = await readPage(select, readListRequest(request, rules), COLUMNS);
  return { changes: rows.map(messageOf), nextPageToken };
}
