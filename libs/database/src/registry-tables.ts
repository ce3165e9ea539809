/** Tables of the register of models, versions, aliases and evaluations. */
import { sql, type Kysely } from 'kysely';

const STATEMENTS = [
  `alter table checkpoints
     add column labels jsonb not null default '{}',
     add column notes text not null default '',
     add column revision integer not null default 1,
     add column delete_time timestamptz`,
  `create table models (
     name text primary key,
     number serial not null unique,
     display_name text not null default '',
     notes text not null default '',
     labels jsonb not null default '{}',
     revision integer not null default 1,
     last_version integer not null default 0,
     create_time timestamptz not null,
     update_time timestamptz not null
   )`,
  `create table model_versions (
     model text not null references models (name),
     version integer not null,
     digest text not null references checkpoints (digest),
     run_id text references runs (id),
     iteration integer not null,
     create_time timestamptz not null,
     primary key (model, version)
   )`,
  // A run publishes a checkpoint once for each iteration, and callers publish one once.
  `create unique index model_versions_once on model_versions (digest, model, coalesce(run_id, ''), iteration)`,
  `create table model_aliases (
     model text not null,
     alias text not null,
     version integer not null,
     revision integer not null,
     update_time timestamptz not null,
     primary key (model, alias),
     foreign key (model, version) references model_versions (model, version)
   )`,
  // No foreign key: the trail of an alias outlives it.
  `create table alias_changes (
     number serial primary key,
     model text not null references models (name),
     alias text not null,
     from_version integer,
     to_version integer,
     caller text not null,
     reason text not null,
     time timestamptz not null
   )`,
  `create index alias_changes_by_model on alias_changes (model, number)`,
  `create table evaluations (
     digest text primary key,
     checkpoint text not null,
     benchmark text not null,
     result jsonb not null,
     record_time timestamptz not null
   )`,
  `create index evaluations_by_checkpoint on evaluations (checkpoint)`,
  `create index checkpoints_by_parent on checkpoints (parent)`,
  // Serves prefixes of digests, whatever the database's collation.
  `create index checkpoints_by_prefix on checkpoints (digest text_pattern_ops)`,
  `create index checkpoints_by_labels on checkpoints using gin (labels)`,
  `create index run_checkpoints_by_digest on run_checkpoints (digest)`,
  `create index phases_by_evaluated on phases (substring(result ->> 'checkpoint' from 13))
     where step = '' and phase in ('PHASE_EVALUATE', 'PHASE_SELECT')`,
  // What runs measured stands in their phases already: one truth, and no run of an earlier version is forgotten.
  `create view checkpoint_evaluations as
     select substring(phases.result ->> 'checkpoint' from 13) as checkpoint,
            phases.run_id || '/' || phases.iteration || '/' || phases.phase as id,
            substring(phases.result ->> 'name' from 13) as digest,
            coalesce(runs.spec ->> 'benchmark', '') as benchmark,
            phases.result as result,
            phases.run_id as run_id,
            phases.iteration as iteration,
            phases.phase = 'PHASE_SELECT' as for_selection,
            phases.commit_time as record_time
       from phases join runs on runs.id = phases.run_id
      where phases.step = '' and phases.phase in ('PHASE_EVALUATE', 'PHASE_SELECT')
     union all
     select checkpoint, digest as id, digest, benchmark, result, null as run_id, 0 as iteration, false as for_selection, record_time
       from evaluations`,
];

/** Migration 0002. */
export async function createRegistry(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}
