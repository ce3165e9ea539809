/** What people are asked: items, a slot of each for every judgement that is wanted, and who skipped what. */
import { sql, type Kysely } from 'kysely';

const STATEMENTS = [
  `create table feedback_items (
     number bigserial primary key,
     run_id text not null references runs (id),
     iteration integer not null,
     step text not null,
     position integer not null,
     problem_id text not null,
     prompt jsonb not null,
     a integer not null,
     b integer not null,
     a_text text not null,
     b_text text not null,
     state text not null default 'open',
     skips integer not null default 0,
     skips_to_drop integer not null,
     unique (run_id, iteration, step, position)
   )`,
  `create index feedback_items_open on feedback_items (number) where state = 'open'`,
  // One slot is one judgement: whoever holds it is alone with it, and nobody has two of an item.
  `create table feedback_slots (
     item bigint not null references feedback_items (number) on delete cascade,
     slot integer not null,
     annotator text,
     lease_until timestamptz,
     choice text,
     comment text not null default '',
     judge_time timestamptz,
     primary key (item, slot),
     unique (item, annotator)
   )`,
  `create index feedback_slots_held on feedback_slots (annotator) where choice is null`,
  `create table feedback_skips (
     item bigint not null references feedback_items (number) on delete cascade,
     annotator text not null,
     primary key (item, annotator)
   )`,
];

/** Migration 0009. */
export async function createFeedback(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}
