/** Runs in the database. */
import { RunBudget, RunFailure, RunSpec, RunState, type ListRunsRequest } from '@hone/contracts';
import { notFound } from '@hone/errors';
import { readListRequest, requireSamePayload, type RequestIdentity } from '@hone/listing';
import { sql, type Selectable, type Transaction } from 'kysely';
import { listRules, readPage, type ListColumns, type Queryable, type RunsTable, type Schema } from '@hone/database';

/** A run without its iterations. */
export interface RunRecord {
  readonly id: string;
  readonly number: number;
  readonly spec: RunSpec;
  readonly state: RunState;
  readonly attempt: number;
  /** Ends of the process in a row while it was under way and finished no step. */
  readonly crashes: number;
  readonly codeVersion: string;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly lastEvent: number;
  /** What it may use up; undefined means no limit. */
  readonly budget: RunBudget | undefined;
  readonly spending: Spending;
  /** Empty where the run does not choose. */
  readonly bestCheckpoint: string;
  readonly bestIteration: number;
  readonly earlyStop: string;
  /** Undefined unless it has failed. */
  readonly failure: RunFailure | undefined;
}

/** What a run has used up, over all its attempts. */
export interface Spending {
  /** Wall-clock time of its work. */
  readonly seconds: number;
  readonly tokens: bigint;
  readonly peakMemoryBytes: bigint;
  readonly diskBytes: bigint;
}

function recordOf(row: Selectable<RunsTable>): RunRecord {
  const spec = RunSpec.fromJSON(row.spec);
  return {
    budget: row.budget === null ? spec.budget : RunBudget.fromJSON(row.budget),
    spending: {
      seconds: row.used_seconds,
      tokens: BigInt(row.used_tokens),
      peakMemoryBytes: BigInt(row.peak_memory_bytes),
      diskBytes: BigInt(row.disk_bytes),
    },
    bestCheckpoint: row.best_checkpoint,
    bestIteration: row.best_iteration,
    earlyStop: row.early_stop,
    failure: row.failure === null ? undefined : RunFailure.fromJSON(row.failure),
    id: row.id,
    number: row.number,
    spec,
    state: row.state as RunState,
    attempt: row.attempt,
    crashes: row.crashes,
    codeVersion: row.code_version,
    createTime: row.create_time,
    updateTime: row.update_time,
    lastEvent: row.last_event,
  };
}

/** A run to insert. */
export interface NewRun {
  readonly id: string;
  readonly request: RequestIdentity;
  readonly spec: RunSpec;
  readonly codeVersion: string;
}

/** Inserts a queued run, unless its request id is taken: then false. */
export async function insertRun(database: Queryable, run: NewRun): Promise<boolean> {
  const now = new Date();
  const row = {
    id: run.id,
    request_id: run.request.id === '' ? null : run.request.id,
    request_digest: run.request.digest,
    spec: JSON.stringify(RunSpec.toJSON(run.spec)),
    state: RunState.QUEUED,
    attempt: 0,
    code_version: run.codeVersion,
    create_time: now,
    update_time: now,
    last_event: 0,
  };
  const inserted = await database
    .insertInto('runs')
    .values(row)
    .onConflict((conflict) => conflict.column('request_id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** The run that a request has created already. */
export async function findRunByRequest(database: Queryable, request: RequestIdentity): Promise<RunRecord | undefined> {
  if (request.id === '') return undefined;
  const row = await database.selectFrom('runs').selectAll().where('request_id', '=', request.id).executeTakeFirst();
  if (row) requireSamePayload(row.request_digest, request);
  return row && recordOf(row);
}

/** A run by its id. */
export async function getRun(database: Queryable, id: string): Promise<RunRecord> {
  const row = await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(`runs/${id}`, 'OrchestratorService.ListRuns lists the runs that exist');
  return recordOf(row);
}

/** A run by its id, held against other changes until the transaction ends. */
export async function lockRun(transaction: Transaction<Schema>, id: string): Promise<RunRecord> {
  await transaction.selectFrom('runs').select('id').where('id', '=', id).forUpdate().execute();
  return getRun(transaction, id);
}

const STATE_PREFIX = 'RUN_STATE_';
const STATES = Object.values(RunState).filter((state) => state.startsWith(STATE_PREFIX));

const COLUMNS: ListColumns<Selectable<RunsTable>> = {
  number: { kind: 'integer', sql: sql`number`, of: ({ number }) => number, hidden: true },
  name: { kind: 'text', sql: sql`id`, toSql: (name) => name.replace(/^runs\//, '') },
  state: {
    kind: STATES.flatMap((state) => [state.slice(STATE_PREFIX.length), state]),
    sql: sql`state`,
    toSql: (text) => (text.startsWith(STATE_PREFIX) ? text : STATE_PREFIX + text),
    of: ({ state }) => state,
  },
  benchmark: { kind: 'text', sql: sql`coalesce(spec ->> 'benchmark', '')` },
  display_name: { kind: 'text', sql: sql`coalesce(spec ->> 'displayName', '')` },
  model: { kind: 'text', sql: sql`coalesce(spec ->> 'model', '')` },
  base_checkpoint: { kind: 'text', sql: sql`spec ->> 'baseCheckpoint'` },
  create_time: { kind: 'time', sql: sql`create_time`, of: ({ create_time: time }) => time },
  update_time: { kind: 'time', sql: sql`update_time`, of: ({ update_time: time }) => time },
};

/** A page of runs, the newest first unless another order is asked for. */
export async function listRuns(
  database: Queryable,
  request: ListRunsRequest,
): Promise<{ runs: RunRecord[]; nextPageToken: string }> {
  const rules = listRules(['runs'], COLUMNS, { field: 'number', descending: true });
  const select = database.selectFrom('runs').selectAll();
  const { rows, nextPageToken } = await readPage(select, readListRequest(request, rules), COLUMNS);
  return { runs: rows.map(recordOf), nextPageToken };
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
  change: {
    readonly state: RunState;
    readonly failure?: RunFailure | undefined;
    readonly newAttempt?: boolean;
  },
): Promise<void> {
  const { state, failure, newAttempt = false } = change;
  await database
    .updateTable('runs')
    .set((column) => ({
      state,
      failure: failure ? JSON.stringify(RunFailure.toJSON(failure)) : null,
      update_time: new Date(),
      attempt: newAttempt ? column('attempt', '+', 1) : column.ref('attempt'),
    }))
    .where('id', '=', id)
    .execute();
}

/** Counts a start of a run's work as a crash, until it has finished a step or the process ends in order. */
export async function suspectRun(database: Queryable, id: string): Promise<void> {
  await database
    .updateTable('runs')
    .set((column) => ({ crashes: column('crashes', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Takes back what the start of these runs' work counted: the process ends in order. */
export async function clearStarts(database: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await database
    .updateTable('runs')
    .set({ crashes: sql`greatest(crashes - 1, 0)` })
    .where('id', 'in', [...ids])
    .execute();
}

/** Forgets a run's crashes. */
export async function clearCrashes(database: Queryable, id: string): Promise<void> {
  await database.updateTable('runs').set({ crashes: 0 }).where('id', '=', id).execute();
}

/** Adds to what a run has used up, by a step that it has finished: whatever crashed before, it gets on. */
export async function addSpending(database: Queryable, id: string, used: Spending): Promise<void> {
  await database
    .updateTable('runs')
    .set(({ eb, fn, val }) => ({
      crashes: 0,
      used_seconds: eb('used_seconds', '+', used.seconds),
      used_tokens: eb('used_tokens', '+', String(used.tokens)),
      peak_memory_bytes: fn<string>('greatest', ['peak_memory_bytes', val(String(used.peakMemoryBytes))]),
      disk_bytes: eb('disk_bytes', '+', String(used.diskBytes)),
    }))
    .where('id', '=', id)
    .execute();
}

/** Notes what the choice among a run's checkpoints has found. */
export async function noteSelection(
  database: Queryable,
  id: string,
  found: { readonly bestCheckpoint: string; readonly bestIteration: number; readonly earlyStop: string },
): Promise<void> {
  const { bestCheckpoint, bestIteration, earlyStop } = found;
  await database
    .updateTable('runs')
    .set({ best_checkpoint: bestCheckpoint, best_iteration: bestIteration, early_stop: earlyStop })
    .where('id', '=', id)
    .execute();
}

/** Gives a run another budget. */
export async function setBudget(database: Queryable, id: string, budget: RunBudget): Promise<void> {
  await database
    .updateTable('runs')
    .set({ budget: JSON.stringify(RunBudget.toJSON(budget)) })
    .where('id', '=', id)
    .execute();
}
