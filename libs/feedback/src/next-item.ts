/** Handing items out. All times are the database's. */
import { LIMITS, Violations, type NextItemRequest, type NextItemResponse } from '@hone/contracts';
import type { Database, Schema } from '@hone/database';
import { sql, type Transaction } from 'kysely';
import { checkAnnotator } from './annotator.ts';
import { messageOf, requireRun } from './items.ts';

const DEFAULT_LEASE_SECONDS = 600;

/** Of advisory locks with two keys, the first of those that are for annotators. */
const ANNOTATORS = 0x686f6e65;

interface Ask {
  /** Empty means all runs. */
  readonly runId: string;
  readonly annotator: string;
  readonly leaseSeconds: number;
}

interface Held {
  readonly item: string | number | bigint;
  readonly lease_until: Date;
}

const ofRun = ({ runId }: Ask) => (runId === '' ? sql`true` : sql`i.run_id = ${runId}`);
const leaseUntil = ({ leaseSeconds }: Ask) => sql`now() + make_interval(secs => ${leaseSeconds})`;

/** What the annotator has already, its lease renewed. Somebody who looks for a free slot may hold it for a moment, which is waited for. */
async function renew(transaction: Transaction<Schema>, ask: Ask): Promise<Held | undefined> {
  const { rows } = await sql<Held>`
    update feedback_slots set lease_until = ${leaseUntil(ask)}
     where (item, slot) = (
       select s.item, s.slot from feedback_slots s join feedback_items i on i.number = s.item
        where s.annotator = ${ask.annotator} and s.choice is null and s.lease_until > now()
          and i.state = 'open' and ${ofRun(ask)}
        order by i.number limit 1 for update of s)
    returning item, lease_until`.execute(transaction);
  return rows[0];
}

/**
 * The first free slot. It is locked by itself, and one that another transaction holds is passed over: when that one is done, the slot has
 * an annotator, so that nobody else can take it in the same moment.
 */
async function take(transaction: Transaction<Schema>, ask: Ask): Promise<Held | undefined> {
  const { annotator } = ask;
  const { rows } = await sql<Held>`
    update feedback_slots set annotator = ${annotator}, lease_until = ${leaseUntil(ask)}
     where (item, slot) = (
       select s.item, s.slot from feedback_slots s
         join feedback_items i on i.number = s.item
         join runs r on r.id = i.run_id
        where s.choice is null and (s.annotator is null or s.lease_until <= now())
          and i.state = 'open' and r.state not in ('RUN_STATE_FAILED', 'RUN_STATE_CANCELLED') and ${ofRun(ask)}
          and not exists (
            select from feedback_slots o where o.item = s.item and o.annotator = ${annotator} and o.slot <> s.slot)
          and not exists (select from feedback_skips k where k.item = s.item and k.annotator = ${annotator})
        order by i.number, s.slot limit 1 for update of s skip locked)
    returning item, lease_until`.execute(transaction);
  return rows[0];
}

/** NextItem. */
export async function nextItem(database: Database, request: NextItemRequest): Promise<NextItemResponse> {
  const { run, annotator, leaseSeconds } = request;
  const violations = new Violations();
  checkAnnotator(annotator, violations);
  if (leaseSeconds !== 0) violations.within(leaseSeconds, 1, LIMITS.leaseSeconds, 'lease_seconds', '0 means 600');
  violations.throwIfAny();
  const runId = run === '' ? '' : await requireRun(database, run);
  const ask: Ask = { runId, annotator, leaseSeconds: leaseSeconds || DEFAULT_LEASE_SECONDS };
  return database.transaction().execute(async (transaction) => {
    // An annotator who asks twice at once has one item all the same.
    await sql`select pg_advisory_xact_lock(${ANNOTATORS}::int, hashtext(${annotator}))`.execute(transaction);
    const held = (await renew(transaction, ask)) ?? (await take(transaction, ask));
    if (!held) return { item: undefined };
    const row = await transaction
      .selectFrom('feedback_items')
      .selectAll()
      .where('number', '=', held.item)
      .executeTakeFirstOrThrow();
    return { item: messageOf(row, { leaseUntil: held.lease_until }) };
  });
}
