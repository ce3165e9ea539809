/** Finished steps of runs. A row is written once, after what it names is durable; a resumed run skips steps that have one. */
import { phaseFromJSON, ResourceUsage, type Phase } from '@hone/contracts';
import type { Queryable } from '@hone/database';

/** Names a step; `step` is empty for a phase as a whole. */
export interface StepKey {
  readonly iteration: number;
  readonly phase: Phase;
  readonly step: string;
}

const SHARD_PREFIX = 'shards/';

/** The step of a shard. */
export const shardStep = (index: number): string => `${SHARD_PREFIX}${index}`;

/** The number of a shard, by its step. */
export const shardIndexOf = (step: string): number => Number(step.slice(SHARD_PREFIX.length));

/** Whether a step is a shard of its phase. */
export const isShard = ({ step }: StepKey): boolean => step.startsWith(SHARD_PREFIX);

/** What a step gave: JSON, digests of what it stored, and what it took. */
export interface StepOutcome<Result> {
  readonly result: Result;
  readonly usage: ResourceUsage;
  /** Digests by kind. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Whether it is put together from steps: their tokens are not counted twice, and shards have no rows from then on. Not kept. */
  readonly hasShards?: boolean;
}

/** A finished step. */
export type StepRecord = StepKey & StepOutcome<unknown>;

interface PhaseRow {
  iteration: number;
  phase: string;
  step: string;
  result: unknown;
  usage: unknown;
  artifacts: unknown;
}

function recordOf(row: PhaseRow): StepRecord {
  return {
    iteration: row.iteration,
    phase: phaseFromJSON(row.phase),
    step: row.step,
    result: row.result,
    usage: ResourceUsage.fromJSON(row.usage),
    artifacts: row.artifacts as Record<string, string>,
  };
}

/** Writes a finished step. */
export async function insertStep(
  database: Queryable,
  runId: string,
  key: StepKey,
  outcome: StepOutcome<unknown>,
  storedBytes: bigint,
): Promise<void> {
  const row = {
    run_id: runId,
    ...key,
    result: JSON.stringify(outcome.result),
    usage: JSON.stringify(ResourceUsage.toJSON(outcome.usage)),
    artifacts: JSON.stringify(outcome.artifacts),
    stored_bytes: String(storedBytes),
    commit_time: new Date(),
  };
  await database.insertInto('phases').values(row).execute();
}

/** A finished step, or undefined where it is not finished. */
export async function findStep(database: Queryable, runId: string, key: StepKey): Promise<StepRecord | undefined> {
  const row = await database
    .selectFrom('phases')
    .selectAll()
    .where('run_id', '=', runId)
    .where('iteration', '=', key.iteration)
    .where('phase', '=', key.phase)
    .where('step', '=', key.step)
    .executeTakeFirst();
  return row && recordOf(row);
}

/** Forgets the shards of a phase, which as a whole has all they held; gives the bytes that they took in the store. */
export async function deleteShards(database: Queryable, runId: string, phase: Omit<StepKey, 'step'>): Promise<bigint> {
  const rows = await database
    .deleteFrom('phases')
    .where('run_id', '=', runId)
    .where('iteration', '=', phase.iteration)
    .where('phase', '=', phase.phase)
    .where('step', 'like', `${SHARD_PREFIX}%`)
    .returning('stored_bytes')
    .execute();
  return rows.reduce((sum, row) => sum + BigInt(row.stored_bytes), 0n);
}

/** All finished steps of a run: phases, shards and other parts. */
export async function listSteps(database: Queryable, runId: string): Promise<StepRecord[]> {
  const query = database.selectFrom('phases').selectAll().where('run_id', '=', runId).orderBy('commit_time');
  return (await query.execute()).map(recordOf);
}

/** Finished steps of one iteration. */
export async function listIterationSteps(database: Queryable, runId: string, iteration: number): Promise<StepRecord[]> {
  const query = database
    .selectFrom('phases')
    .selectAll()
    .where('run_id', '=', runId)
    .where('iteration', '=', iteration);
  return (await query.execute()).map(recordOf);
}

/** The latest iteration that has a finished step of a phase; 0 where none has. */
export async function lastIterationWith(database: Queryable, runId: string, phase: Phase): Promise<number> {
  const row = await database
    .selectFrom('phases')
    .select(({ fn }) => fn.max('iteration').as('last'))
    .where('run_id', '=', runId)
    .where('phase', '=', phase)
    .executeTakeFirst();
  return row?.last ?? 0;
}

/** Forgets a step, so that it is done again. */
export async function deleteStep(database: Queryable, runId: string, key: StepKey): Promise<void> {
  await database
    .deleteFrom('phases')
    .where('run_id', '=', runId)
    .where('iteration', '=', key.iteration)
    .where('phase', '=', key.phase)
    .where('step', '=', key.step)
    .execute();
}

/** Finished phases of a run as wholes, in the order in which they ended. */
export async function listPhases(database: Queryable, runId: string): Promise<StepRecord[]> {
  const rows = await database
    .selectFrom('phases')
    .selectAll()
    .where('run_id', '=', runId)
    .where('step', '=', '')
    .orderBy('iteration')
    .orderBy('commit_time')
    .execute();
  return rows.map(recordOf);
}

/** Marks an iteration as finished. */
export async function insertIteration(
  database: Queryable,
  runId: string,
  iteration: number,
  checkpoint: string,
): Promise<void> {
  const row = { run_id: runId, iteration, checkpoint, commit_time: new Date() };
  await database.insertInto('iterations').values(row).execute();
}

/** Whether an iteration is finished. */
export async function hasIteration(database: Queryable, runId: string, iteration: number): Promise<boolean> {
  const row = await database
    .selectFrom('iterations')
    .select('iteration')
    .where('run_id', '=', runId)
    .where('iteration', '=', iteration)
    .executeTakeFirst();
  return row !== undefined;
}
