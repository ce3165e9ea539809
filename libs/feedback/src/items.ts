/** Items as the contract has them. */
import {
  FeedbackItem,
  FeedbackItemState,
  Prompt,
  runIdOf,
  type Judgement,
  type ListFeedbackItemsRequest,
  type ListFeedbackItemsResponse,
} from '@hone/contracts';
import {
  listRules,
  readPage,
  type Database,
  type FeedbackItemsTable,
  type ListColumns,
  type Queryable,
} from '@hone/database';
import { invalidArgument, notFound } from '@hone/errors';
import { readListRequest } from '@hone/listing';
import { sql, type Selectable } from 'kysely';
import { judgementsOf } from './ask.ts';

export type ItemRow = Selectable<FeedbackItemsTable>;

const STATES: Readonly<Record<ItemRow['state'], FeedbackItemState>> = {
  open: FeedbackItemState.OPEN,
  judged: FeedbackItemState.JUDGED,
  dropped: FeedbackItemState.DROPPED,
  withdrawn: FeedbackItemState.WITHDRAWN,
};

const NAME = /^feedbackItems\/([1-9]\d{0,17})$/;

/** "feedbackItems/{number}" -> the number, as text. */
export function numberOf(name: string): string {
  const number = NAME.exec(name)?.[1];
  if (number === undefined) throw invalidArgument('item', `must be a name "feedbackItems/{number}", but is "${name}"`);
  return number;
}

/** The id of a run that exists. */
export async function requireRun(database: Queryable, name: string): Promise<string> {
  const id = runIdOf(name, 'run');
  const run = await database.selectFrom('runs').select('id').where('id', '=', id).executeTakeFirst();
  if (!run) throw notFound(name, 'OrchestratorService.ListRuns lists the runs that exist');
  return id;
}

/** An item with what the caller may know of its judgements, and of the lease. */
export const messageOf = (
  row: ItemRow,
  { judgements = [], leaseUntil }: { readonly judgements?: Judgement[]; readonly leaseUntil?: Date | null } = {},
): FeedbackItem => ({
  name: `feedbackItems/${row.number}`,
  run: `runs/${row.run_id}`,
  iteration: row.iteration,
  problemId: row.problem_id,
  prompt: Prompt.fromJSON(row.prompt),
  aText: row.a_text,
  bText: row.b_text,
  state: STATES[row.state],
  leaseExpireTime: leaseUntil ?? undefined,
  judgements,
});

const COLUMNS: ListColumns<ItemRow> = {
  number: { kind: 'integer', sql: sql`number`, of: ({ number }) => Number(number), hidden: true },
  iteration: { kind: 'integer', sql: sql`iteration`, of: ({ iteration }) => iteration },
  problem_id: { kind: 'text', sql: sql`problem_id`, of: (row) => row.problem_id },
  state: { kind: Object.keys(STATES), sql: sql`state`, of: ({ state }) => state },
};

/** A page of a run's items with what people said, in the order in which they were asked unless another is wanted. */
export async function listFeedbackItems(
  database: Database,
  request: ListFeedbackItemsRequest,
): Promise<ListFeedbackItemsResponse> {
  const run = await requireRun(database, request.run);
  const rules = listRules(['feedback items', run], COLUMNS, { field: 'number', descending: false });
  const select = database.selectFrom('feedback_items').selectAll().where('run_id', '=', run);
  const { rows, nextPageToken } = await readPage(select, readListRequest(request, rules), COLUMNS);
  const judgements = await judgementsOf(
    database,
    rows.map(({ number }) => number),
  );
  const items = rows.map((row) => messageOf(row, { judgements: judgements.get(String(row.number)) ?? [] }));
  return { items, nextPageToken };
}
