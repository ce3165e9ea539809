/** How far people are, and whether they agree. */
import { FeedbackProgress, type GetFeedbackProgressRequest } from '@hone/contracts';
import type { Database, Queryable } from '@hone/database';
import { agreementOf } from '@hone/statistics';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { AskingStep } from './ask.ts';
import { requireRun } from './items.ts';

/** What is counted: all that a run asked, or one step of it. */
export type Scope = Pick<AskingStep, 'runId'> & Partial<AskingStep>;

const within = ({ runId, iteration, step }: Scope): RawBuilder<SqlBool> =>
  step === undefined
    ? sql`i.run_id = ${runId}`
    : sql`i.run_id = ${runId} and i.iteration = ${iteration} and i.step = ${step}`;

/** How many items are finished, and how many there are: what a step waits for. */
export async function finishedOf(
  database: Queryable,
  scope: Scope,
): Promise<{ readonly finished: number; readonly items: number }> {
  const { rows } = await sql<{ finished: number; items: number }>`
    select count(*) filter (where state <> 'open')::int as finished, count(*)::int as items
      from feedback_items i where ${within(scope)}`.execute(database);
  return rows[0]!;
}

type ItemCounts = Pick<FeedbackProgress, 'items' | 'judged' | 'dropped' | 'withdrawn' | 'open' | 'skips'>;
type SlotCounts = Pick<FeedbackProgress, 'wanted' | 'leased' | 'judgements' | 'annotators'>;

async function itemCounts(database: Queryable, scope: Scope): Promise<ItemCounts> {
  const { rows } = await sql<ItemCounts>`
    select count(*)::int as items,
           count(*) filter (where state = 'judged')::int as judged,
           count(*) filter (where state = 'dropped')::int as dropped,
           count(*) filter (where state = 'withdrawn')::int as withdrawn,
           count(*) filter (where state = 'open')::int as open,
           coalesce(sum(skips), 0)::int as skips
      from feedback_items i where ${within(scope)}`.execute(database);
  return rows[0]!;
}

async function slotCounts(database: Queryable, scope: Scope): Promise<SlotCounts> {
  const { rows } = await sql<SlotCounts>`
    select count(*) filter (where s.choice is null and i.state = 'open')::int as wanted,
           count(*) filter (where s.choice is null and i.state = 'open' and s.lease_until > now())::int as leased,
           count(s.choice)::int as judgements,
           count(distinct case when s.choice is not null then s.annotator end)::int as annotators
      from feedback_slots s join feedback_items i on i.number = s.item where ${within(scope)}`.execute(database);
  return rows[0]!;
}

/** What people said of each item of which they said something. */
async function labelsOf(database: Queryable, scope: Scope): Promise<string[][]> {
  const { rows } = await sql<{ labels: string[] }>`
    select array_agg(s.choice) as labels from feedback_slots s join feedback_items i on i.number = s.item
     where s.choice is not null and ${within(scope)} group by s.item order by s.item`.execute(database);
  return rows.map(({ labels }) => labels);
}

/** All that can be told. */
export async function progressOf(database: Queryable, scope: Scope): Promise<FeedbackProgress> {
  const { units: comparisons, share, alpha } = agreementOf(await labelsOf(database, scope));
  const counts = { ...(await itemCounts(database, scope)), ...(await slotCounts(database, scope)) };
  return { ...counts, agreement: { comparisons, share, alpha } };
}

/** GetFeedbackProgress. */
export async function getFeedbackProgress(
  database: Database,
  { run }: GetFeedbackProgressRequest,
): Promise<FeedbackProgress> {
  return progressOf(database, { runId: await requireRun(database, run) });
}
