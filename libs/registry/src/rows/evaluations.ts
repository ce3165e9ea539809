/** What was measured of checkpoints: by runs, which keep it in their phases, and by callers, who record it. */
import {
  digestOfName,
  Evaluation,
  nameOfDigest,
  RecordedEvaluation,
  type ListEvaluationsRequest,
} from '@hone/contracts';
import { listRules, readPage, type CheckpointEvaluationsView, type ListColumns, type Queryable } from '@hone/database';
import { readListRequest } from '@hone/listing';
import { sql, type Selectable } from 'kysely';

type EvaluationRow = Selectable<CheckpointEvaluationsView>;

function messageOf(row: EvaluationRow): RecordedEvaluation {
  return RecordedEvaluation.fromPartial({
    evaluation: Evaluation.fromJSON(row.result),
    benchmark: row.benchmark,
    run: row.run_id === null ? '' : `runs/${row.run_id}`,
    iteration: row.iteration,
    forSelection: row.for_selection,
    recordTime: row.record_time,
  });
}

/** Records an evaluation; a known one, also one that a run made, stays as it is. */
export async function insertEvaluation(
  database: Queryable,
  evaluation: Evaluation,
  benchmark: string,
): Promise<RecordedEvaluation> {
  const digest = digestOfName('evaluations', evaluation.name, 'evaluation');
  const checkpoint = digestOfName('checkpoints', evaluation.checkpoint, 'evaluation.checkpoint');
  const find = () =>
    database
      .selectFrom('checkpoint_evaluations')
      .selectAll()
      .where('checkpoint', '=', checkpoint)
      .where('digest', '=', digest)
      .orderBy('record_time')
      .executeTakeFirst();
  const known = await find();
  if (known) return messageOf(known);
  const result = JSON.stringify(Evaluation.toJSON(evaluation));
  await database
    .insertInto('evaluations')
    .values({ digest, checkpoint, benchmark, result, record_time: new Date() })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
  return messageOf((await find())!);
}

const COLUMNS: ListColumns<EvaluationRow> = {
  id: { kind: 'text', sql: sql`id`, of: ({ id }) => id, hidden: true },
  record_time: { kind: 'time', sql: sql`record_time`, of: ({ record_time: time }) => time },
};

/** A page of what was measured of a checkpoint, the newest first. */
export async function readEvaluations(
  database: Queryable,
  request: ListEvaluationsRequest,
  digest: string,
): Promise<{ evaluations: RecordedEvaluation[]; nextPageToken: string }> {
  const rules = listRules(['evaluations', digest], COLUMNS, { field: 'id', descending: true });
  const select = database.selectFrom('checkpoint_evaluations').selectAll().where('checkpoint', '=', digest);
  const newestFirst = { ...request, orderBy: 'record_time desc' };
  const { rows, nextPageToken } = await readPage(select, readListRequest(newestFirst, rules), COLUMNS);
  return { evaluations: rows.map(messageOf), nextPageToken };
}

/** All that was measured of several checkpoints, by their names, the newest first; what several runs measured alike stands once. */
export async function evaluationsOf(
  database: Queryable,
  digests: readonly string[],
): Promise<ReadonlyMap<string, RecordedEvaluation[]>> {
  const byName = new Map<string, RecordedEvaluation[]>();
  if (digests.length === 0) return byName;
  const rows = await database
    .selectFrom('checkpoint_evaluations')
    .selectAll()
    .distinctOn(['checkpoint', 'digest'])
    .where('checkpoint', 'in', [...digests])
    .orderBy('checkpoint')
    .orderBy('digest')
    .orderBy('record_time')
    .execute();
  for (const row of rows.sort((one, other) => other.record_time.getTime() - one.record_time.getTime())) {
    const name = nameOfDigest('checkpoints', row.checkpoint);
    byName.set(name, [...(byName.get(name) ?? []), messageOf(row)]);
  }
  return byName;
}
