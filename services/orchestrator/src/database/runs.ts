/** Runs in the database. */
import { RunSpec, RunState } from '@hone/contracts';
import { notFound } from '@hone/errors';
import type { Transaction } from 'kysely';
import type { Database } from './open-database.ts';
import type { Schema } from './schema.ts';

/** The database, or a transaction on it. */
export type Queryable = Database | Transaction<Schema>;

/** A run without its iterations. */
export interface RunRecord {
  readonly id: string;
  readonly number: number;
  readonly spec: RunSpec;
  readonly state: RunState;
  readonly error: string;
  readonly attempt: number;
  readonly codeVersion: string;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly lastEvent: number;
}

interface RunRow {
  id: string;
  number: number;
  spec: unknown;
  state: string;
  error: string;
  attempt: number;
  code_version: string;
  create_time: Date;
  update_time: Date;
  last_event: number;
}

function recordOf(row: RunRow): RunRecord {
  return {
    id: row.id,
    number: row.number,
    spec: RunSpec.fromJSON(row.spec),
    state: row.state as RunState,
    error: row.error,
    attempt: row.attempt,
    codeVersion: row.code_version,
    createTime: row.create_time,
    updateTime: row.update_time,
    lastEvent: row.last_event,
  };
}

/** A run to insert. */
export interface NewRun {
  readonly id: string;
  readonly requestId: string;
  readonly spec: RunSpec;
  readonly codeVersion: string;
}

/** Inserts a queued run. */
export async function insertRun(database: Queryable, run: NewRun): Promise<void> {
  const now = new Date();
  const row = {
    id: run.id,
    request_id: run.requestId === '' ? null : run.requestId,
    spec: JSON.stringify(RunSpec.toJSON(run.spec)),
    state: RunState.QUEUED,
    error: '',
    attempt: 0,
    code_version: run.codeVersion,
    create_time: now,
    update_time: now,
    last_event: 0,
  };
  await database.insertInto('runs').values(row).execute();
}

/** The run that a request id created. */
export async function findRunByRequest(database: Queryable, requestId: string): Promise<RunRecord | undefined> {
  const row = await database.selectFrom('runs').selectAll().where('request_id', '=', requestId).executeTakeFirst();
  return row && recordOf(row);
}

/** A run by its id. */
export async function getRun(database: Queryable, id: string): Promise<RunRecord> {
  const row = await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(`runs/${id}`, '"hone runs list" shows the runs that exist');
  return recordOf(row);
}

/** Runs created before the one with this number, the newest first. */
export async function listRuns(database: Queryable, before: number, limit: number): Promise<RunRecord[]> {
  const query = database.selectFrom('runs').selectAll().where('number', '<', before);
  return (await query.orderBy('number', 'desc').limit(limit).execute()).map(recordOf);
}

/** Runs in any of these states, the oldest first. */
export async function runsInStates(database: Queryable, states: readonly RunState[]): Promise<RunRecord[]> {
  const query = database
    .selectFrom('runs')
    .selectAll()
    .where('state', 'in', [...states]);
  return (await query.orderBy('number').execute()).map(recordOf);
}

/** Moves a run to a state; `newAttempt` where work that was given up has to be started anew. */
export async function updateRunState(
  database: Queryable,
  id: string,
  change: { readonly state: RunState; readonly error?: string; readonly newAttempt?: boolean },
): Promise<void> {
  const { state, error = '', newAttempt = false } = change;
  await database
    .updateTable('runs')
    .set((column) => ({
      state,
      error,
      update_time: new Date(),
      attempt: newAttempt ? column('attempt', '+', 1) : column.ref('attempt'),
    }))
    .where('id', '=', id)
    .execute();
}
