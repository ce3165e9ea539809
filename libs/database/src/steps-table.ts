/** One ledger of steps, in place of phases and iterations. What was finished before is kept, as steps that nobody goes on with. */
import { sql, type Kysely } from 'kysely';

const TABLE = `create table steps (
  run_id text not null references runs (id),
  iteration integer not null,
  name text not null,
  shard integer not null,
  kind text not null,
  inputs jsonb,
  start_time timestamptz not null,
  end_time timestamptz,
  codec text,
  result jsonb,
  usage jsonb,
  artifacts jsonb,
  stored_bytes bigint not null default 0,
  number bigserial not null,
  primary key (run_id, iteration, name, shard)
)`;

/** A warm-up was one phase of many parts, which become steps under their own names. */
const KIND = `case
  when phase = 'PHASE_WARM_UP' then case when step like '%/train' then 'train' else 'evaluate' end
  when phase = 'PHASE_PAIR' then 'build'
  else lower(substring(phase from 7))
end`;

const RESULT = `case phase
  when 'PHASE_SAMPLE' then
    result || jsonb_build_object('samplesPerProblem', (result ->> 'samples')::int / greatest((result ->> 'problems')::int, 1))
  when 'PHASE_SELECT' then jsonb_build_object('evaluation', result)
  else result
end`;

/** Digests become references. */
const ARTIFACTS = `(select coalesce(jsonb_object_agg(
    case key when 'pairs' then 'groups' else key end,
    jsonb_build_object(
      'kind', case key when 'pairs' then 'groups' when 'selection' then 'evaluation' else key end,
      'version', 1, 'digest', value, 'count', 0)), '{}')
  from jsonb_each_text(artifacts))`;

/** Shards of phases that were not finished are left out: their rows are in the store, and made again by whoever runs that anew. */
const KEPT_PHASES = `insert into steps (run_id, iteration, name, shard, kind, start_time, end_time, codec, result, usage, artifacts, stored_bytes)
  select run_id, iteration, case when step = '' then ${KIND} else step end, -1, ${KIND}, commit_time, commit_time,
         ${KIND} || '/1', ${RESULT}, usage, ${ARTIFACTS}, stored_bytes
    from phases
   where step not like 'shards/%' and not (phase = 'PHASE_WARM_UP' and step = '')
   order by run_id, iteration, commit_time`;

const KEPT_ITERATIONS = `insert into steps (run_id, iteration, name, shard, kind, start_time, end_time, codec, result, usage, artifacts, stored_bytes)
  select run_id, iteration, 'publish', -1, 'publish', commit_time, commit_time, 'publish/1',
         jsonb_build_object('checkpoint', checkpoint), '{}', '{}', 0
    from iterations`;

/** What runs measured stands in their steps: one truth. Measurements of a warm-up are no results of the run. */
const VIEW = `create view checkpoint_evaluations as
  select substring(steps.result ->> 'checkpoint' from 13) as checkpoint,
         steps.run_id || '/' || steps.iteration || '/' || steps.name as id,
         substring(steps.result ->> 'name' from 13) as digest,
         coalesce(runs.spec ->> 'benchmark', '') as benchmark,
         steps.result as result,
         steps.run_id as run_id,
         steps.iteration as iteration,
         false as for_selection,
         steps.end_time as record_time
    from steps join runs on runs.id = steps.run_id
   where steps.kind = 'evaluate' and steps.codec is not null and steps.name not like 'stage-%'
  union all
  select substring(steps.result -> 'evaluation' ->> 'checkpoint' from 13) as checkpoint,
         steps.run_id || '/' || steps.iteration || '/' || steps.name as id,
         substring(steps.result -> 'evaluation' ->> 'name' from 13) as digest,
         coalesce(runs.spec ->> 'benchmark', '') as benchmark,
         steps.result -> 'evaluation' as result,
         steps.run_id as run_id,
         steps.iteration as iteration,
         true as for_selection,
         steps.end_time as record_time
    from steps join runs on runs.id = steps.run_id
   where steps.kind = 'select' and steps.codec is not null
  union all
  select checkpoint, digest as id, digest, benchmark, result, null as run_id, 0 as iteration, false as for_selection, record_time
    from evaluations`;

const STATEMENTS = [
  TABLE,
  KEPT_PHASES,
  KEPT_ITERATIONS,
  'drop view checkpoint_evaluations',
  'drop table phases',
  'drop table iterations',
  `create index steps_by_evaluated on steps (substring(result ->> 'checkpoint' from 13)) where kind = 'evaluate'`,
  `create index steps_by_selected on steps (substring(result -> 'evaluation' ->> 'checkpoint' from 13)) where kind = 'select'`,
  VIEW,
  // The text of an error is made of its status.
  `update runs set failure = jsonb_build_object('code', 'UNKNOWN', 'reason', 'EARLIER_VERSION', 'message', error)
    where failure is null and error <> ''`,
  'alter table runs drop column error',
];

/** Migration 0007. */
export async function createSteps(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}
