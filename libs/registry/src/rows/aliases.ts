/** Aliases of models: each is moved in one transaction, with a line in its audit trail. */
import type { AliasChangesTable, ModelAliasesTable, Schema } from '@hone/database';
import { HoneError, notFound } from '@hone/errors';
import { requireEtag } from '@hone/listing';
import type { Selectable, Transaction } from 'kysely';
import { nameOfAlias } from '../names.ts';

export type AliasRow = Selectable<ModelAliasesTable>;
export type AliasChangeRow = Selectable<AliasChangesTable>;

/** A move of an alias. */
export interface AliasMove {
  readonly model: string;
  readonly alias: string;
  /** Where to; undefined removes it. */
  readonly version: number | undefined;
  /** Where it must point now, 0 for nowhere; undefined: no check. */
  readonly expectedVersion?: number | undefined;
  /** Empty or absent: no check. */
  readonly etag?: string;
  readonly caller: string;
  readonly reason: string;
}

/** Checks that an alias points where its caller thinks, and gives its row. */
export async function checkAlias(
  transaction: Transaction<Schema>,
  expected: Pick<AliasMove, 'model' | 'alias' | 'expectedVersion' | 'etag'>,
): Promise<AliasRow | undefined> {
  const { model, alias } = expected;
  const row = await transaction
    .selectFrom('model_aliases')
    .selectAll()
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst();
  requireExpected(expected, row);
  return row;
}

/**
 * Moves or removes an alias, compare-and-set. The caller holds the row of its model, so that nobody moves it meanwhile. An alias
 * that points there already stays as it is: nothing moved, so the trail gets no line and the answer is undefined.
 */
export async function moveAlias(
  transaction: Transaction<Schema>,
  move: AliasMove,
): Promise<AliasChangeRow | undefined> {
  const { model, alias, version } = move;
  const before = await checkAlias(transaction, move);
  if (!before && version === undefined) throw notFound(nameOfAlias(model, alias), 'there is no such alias to remove');
  if (before?.version === version) return undefined;
  const time = new Date();
  const { caller, reason } = move;
  const line = {
    model,
    alias,
    from_version: before?.version ?? null,
    to_version: version ?? null,
    caller,
    reason,
    time,
  };
  const change = await transaction.insertInto('alias_changes').values(line).returningAll().executeTakeFirstOrThrow();
  if (version === undefined)
    await transaction.deleteFrom('model_aliases').where('model', '=', model).where('alias', '=', alias).execute();
  else {
    // The number of the line, so that an alias that was removed and made again never has an earlier etag.
    const changed = { version, revision: change.number, update_time: time };
    await transaction
      .insertInto('model_aliases')
      .values({ model, alias, ...changed })
      .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet(changed))
      .execute();
  }
  return change;
}

function requireExpected(
  { model, alias, expectedVersion, etag = '' }: Parameters<typeof checkAlias>[1],
  before: AliasRow | undefined,
): void {
  const name = nameOfAlias(model, alias);
  requireEtag(etag, before?.revision ?? 0, name);
  const current = before?.version ?? 0;
  if (expectedVersion === undefined || expectedVersion === current) return;
  const where = (version: number): string => (version === 0 ? 'at no version' : `at version ${version}`);
  throw new HoneError({
    code: 'ABORTED',
    reason: 'ALIAS_MOVED',
    message: `${name} points ${where(current)}, not ${where(expectedVersion)}: look again, then repeat the change`,
    metadata: { alias: name, version: String(current) },
  });
}
