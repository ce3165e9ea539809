import { sql, type Kysely, type Migration } from 'kysely';
import { createFeedback } from './feedback-tables.ts';
import { createRegistry } from './registry-tables.ts';
import { createSteps } from './steps-table.ts';

/** Plain PostgreSQL, so that the embedded database and a server have one schema. A published migration never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-runs-and-checkpoints': { up: createTables },
  '0002-registry': { up: createRegistry },
  '0003-budgets-and-selection': { up: addSpendingAndSelection },
  '0004-request-digests': { up: addRequestDigests },
  '0005-crashes': { up: addCrashes },
  '0006-failures': { up: addFailures },
  '0007-steps': { up: createSteps },
  '0008-warnings': { up: addWarnings },
  '0009-feedback': { up: createFeedback },
};

const TABLES = [
  `create table runs (
     id text primary key,
     number serial not null unique,
     request_id text unique,
     spec jsonb not null,
     state text not null,
     error text not null default '',
     attempt integer not null default 0,
     code_version text not null,
     create_time timestamptz not null,
     update_time timestamptz not null,
     last_event integer not null default 0
   )`,
  `create table phases (
     run_id text not null references runs (id),
     iteration integer not null,
     phase text not null,
     step text not null,
     result jsonb not null,
     usage jsonb not null,
     artifacts jsonb not null,
     commit_time timestamptz not null,
     primary key (run_id, iteration, phase, step)
   )`,
  `create table iterations (
     run_id text not null references runs (id),
     iteration integer not null,
     checkpoint text not null,
     commit_time timestamptz not null,
     primary key (run_id, iteration)
   )`,
  `create table events (
     run_id text not null references runs (id),
     number integer not null,
     payload jsonb not null,
     primary key (run_id, number)
   )`,
  `create table checkpoints (
     digest text primary key,
     number serial not null unique,
     origin text not null,
     parent text,
     dataset text,
     run_id text references runs (id),
     iteration integer not null,
     recipe text not null,
     display_name text not null,
     parameter_count bigint not null,
     size_bytes bigint not null,
     create_time timestamptz not null
   )`,
  `create table run_checkpoints (
     run_id text not null references runs (id),
     digest text not null references checkpoints (digest),
     iteration integer not null,
     primary key (run_id, digest)
   )`,
];

async function createTables(database: Kysely<unknown>): Promise<void> {
  for (const table of TABLES) await sql.raw(table).execute(database);
}

/** What runs have used up, and which checkpoint they found best. */
const RUN_COLUMNS = [
  'budget jsonb',
  'used_seconds double precision not null default 0',
  'used_tokens bigint not null default 0',
  'peak_memory_bytes bigint not null default 0',
  'disk_bytes bigint not null default 0',
  `best_checkpoint text not null default ''`,
  'best_iteration integer not null default 0',
  `early_stop text not null default ''`,
];

async function addSpendingAndSelection(database: Kysely<unknown>): Promise<void> {
  const columns = RUN_COLUMNS.map((column) => `add column ${column}`).join(', ');
  await sql.raw(`alter table runs ${columns}`).execute(database);
  await sql.raw('alter table phases add column stored_bytes bigint not null default 0').execute(database);
}

/** What the request that created a run asked, so that another one under its id is known. */
async function addRequestDigests(database: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table runs add column request_digest text not null default ''`).execute(database);
}

async function addCrashes(database: Kysely<unknown>): Promise<void> {
  await sql`alter table runs add column crashes integer not null default 0`.execute(database);
}

/** Why runs failed, for programs. */
async function addFailures(database: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table runs add column failure jsonb').execute(database);
}

/** What a person should know of what steps gave, beside the events that told it. */
async function addWarnings(database: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table steps add column warnings jsonb not null default '[]'`).execute(database);
}
