/**
 * The ledger of steps: the one note of what a run has done. A step has a row from its beginning on, which holds its result once it is
 * finished; then it is not done again, in any life of the process. Shards of a step have rows of their own until it is finished.
 */
import type { Queryable, Schema, StepsTable } from '@hone/database';
import { nameOfKind, ResourceUsage, type RowsRef as RowsMessage } from '@hone/contracts';
import type { RowsRef } from '@hone/recipes';
import type { Selectable, SelectQueryBuilder } from 'kysely';
import { decodeResult, encodeResult, kindOfName, type Kind, type ResultOf } from './results.ts';

/** Names a step within its run. */
export interface StepKey<K extends Kind = Kind> {
  readonly iteration: number;
  /** Unique in its iteration. */
  readonly name: string;
  readonly kind: K;
}

/** What a step stored, by what it is for. */
export type Artifacts = Readonly<Record<string, RowsRef>>;

/** What a finished step, or a finished shard of one, gave. */
export interface StepOutcome<K extends Kind = Kind> {
  readonly result: ResultOf[K];
  readonly usage: ResourceUsage;
  readonly artifacts: Artifacts;
}

/** A step as the ledger has it; `outcome` is undefined until it is finished. */
export interface StepRecord<K extends Kind = Kind> extends StepKey<K> {
  /** Number of the first row of a shard; undefined for a step as a whole. */
  readonly shard: number | undefined;
  /** What it works on; undefined where that is not known. */
  readonly inputs: Artifacts | undefined;
  readonly startTime: Date;
  readonly endTime: Date | undefined;
  readonly outcome: StepOutcome<K> | undefined;
  /** What a person should know of what it gave. */
  readonly warnings: readonly string[];
}

/** The column of a step as a whole, where a shard has the number of its first row. */
const WHOLE = -1;

function recordOf(row: Selectable<StepsTable>): StepRecord {
  const kind = kindOfName(row.kind);
  const outcome = row.codec !== null && {
    result: decodeResult(kind, row.codec, row.result),
    usage: ResourceUsage.fromJSON(row.usage),
    artifacts: row.artifacts as Artifacts,
  };
  return {
    iteration: row.iteration,
    name: row.name,
    kind,
    shard: row.shard === WHOLE ? undefined : row.shard,
    inputs: (row.inputs as Artifacts | null) ?? undefined,
    startTime: row.start_time,
    endTime: row.end_time ?? undefined,
    outcome: outcome || undefined,
    warnings: row.warnings as string[],
  };
}

/** Notes that a step has begun; one that was begun before keeps its time. */
export async function insertStarted(
  database: Queryable,
  runId: string,
  { iteration, name, kind }: StepKey,
  inputs?: Artifacts,
): Promise<void> {
  const named = { run_id: runId, iteration, name, shard: WHOLE, kind: nameOfKind(kind) };
  const row = { ...named, inputs: inputs ? JSON.stringify(inputs) : null, start_time: new Date() };
  await database
    .insertInto('steps')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What is noted of a step, or of a shard of it, that is finished. */
interface Finished<K extends Kind> {
  /** Default: it is the step as a whole. */
  readonly shard?: number | undefined;
  readonly outcome: StepOutcome<K>;
  readonly storedBytes: bigint;
  readonly warnings?: readonly string[] | undefined;
}

/** Notes that a step, or a shard of it, is finished. */
export async function insertFinished<K extends Kind>(
  database: Queryable,
  runId: string,
  { iteration, name, kind }: StepKey<K>,
  { shard = WHOLE, outcome, storedBytes, warnings = [] }: Finished<K>,
): Promise<void> {
  const { codec, json } = encodeResult(kind, outcome.result);
  const finished = {
    codec,
    result: JSON.stringify(json),
    usage: JSON.stringify(ResourceUsage.toJSON(outcome.usage)),
    artifacts: JSON.stringify(outcome.artifacts),
    stored_bytes: String(storedBytes),
    warnings: JSON.stringify(warnings),
    end_time: new Date(),
  };
  const row = { run_id: runId, iteration, name, shard, kind: nameOfKind(kind), start_time: new Date(), ...finished };
  await database
    .insertInto('steps')
    .values(row)
    .onConflict((conflict) => conflict.columns(['run_id', 'iteration', 'name', 'shard']).doUpdateSet(finished))
    .execute();
}

/** A step, or a shard of it, as the ledger has it. */
export async function findStep<K extends Kind>(
  database: Queryable,
  runId: string,
  { iteration, name }: StepKey<K>,
  shard = WHOLE,
): Promise<StepRecord<K> | undefined> {
  const row = await stepsOf(database, runId)
    .where('iteration', '=', iteration)
    .where('name', '=', name)
    .where('shard', '=', shard)
    .executeTakeFirst();
  return row && (recordOf(row) as StepRecord<K>);
}

const stepsOf = (database: Queryable, runId: string): SelectQueryBuilder<Schema, 'steps', Selectable<StepsTable>> =>
  database.selectFrom('steps').selectAll().where('run_id', '=', runId);

/** Finished shards of a step, by rising first row. */
export async function listShards<K extends Kind>(
  database: Queryable,
  runId: string,
  { iteration, name }: StepKey<K>,
): Promise<StepRecord<K>[]> {
  const query = stepsOf(database, runId)
    .where('iteration', '=', iteration)
    .where('name', '=', name)
    .where('shard', '>', WHOLE)
    .orderBy('shard');
  return (await query.execute()).map((row) => recordOf(row) as StepRecord<K>);
}

/** Forgets the shards of a step, which as a whole has all they held; gives the bytes that they took in the store. */
export async function deleteShards(database: Queryable, runId: string, { iteration, name }: StepKey): Promise<bigint> {
  const rows = await database
    .deleteFrom('steps')
    .where('run_id', '=', runId)
    .where('iteration', '=', iteration)
    .where('name', '=', name)
    .where('shard', '>', WHOLE)
    .returning('stored_bytes')
    .execute();
  return rows.reduce((sum, row) => sum + BigInt(row.stored_bytes), 0n);
}

/** Everything in a run's ledger, or in one iteration of it: steps and shards, in the order in which they began. */
export async function listLedger(database: Queryable, runId: string, iteration?: number): Promise<StepRecord[]> {
  const all = stepsOf(database, runId);
  const some = iteration === undefined ? all : all.where('iteration', '=', iteration);
  return (await some.orderBy('iteration').orderBy('number').execute()).map(recordOf);
}

/** A run's steps as wholes, in the order in which they began; of one iteration where that is asked. */
export async function listSteps(database: Queryable, runId: string, iteration?: number): Promise<StepRecord[]> {
  const all = stepsOf(database, runId).where('shard', '=', WHOLE);
  const some = iteration === undefined ? all : all.where('iteration', '=', iteration);
  return (await some.orderBy('iteration').orderBy('number').execute()).map(recordOf);
}

/** The latest iteration that has begun; 0 where none has. */
export async function lastIteration(database: Queryable, runId: string): Promise<number> {
  const row = await database
    .selectFrom('steps')
    .select(({ fn }) => fn.max('iteration').as('last'))
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return row?.last ?? 0;
}

/** The latest iteration that has a finished step of a kind, or a shard of one; 0 where none has. */
export async function lastIterationWith(database: Queryable, runId: string, kind: Kind): Promise<number> {
  const row = await database
    .selectFrom('steps')
    .select(({ fn }) => fn.max('iteration').as('last'))
    .where('run_id', '=', runId)
    .where('kind', '=', nameOfKind(kind))
    .where('codec', 'is not', null)
    .executeTakeFirst();
  return row?.last ?? 0;
}

/** Forgets a step or a shard, so that it is done again. */
export async function deleteStep(
  database: Queryable,
  runId: string,
  { iteration, name, shard = WHOLE }: Pick<StepRecord, 'iteration' | 'name' | 'shard'>,
): Promise<void> {
  await database
    .deleteFrom('steps')
    .where('run_id', '=', runId)
    .where('iteration', '=', iteration)
    .where('name', '=', name)
    .where('shard', '=', shard)
    .execute();
}

/** A reference as the contracts have it. */
export const rowsMessage = (rows: RowsRef): RowsMessage => ({ ...rows });
