/**
 * Lists and lineages over 1,000 runs of 10 iterations, each with its checkpoint, version and evaluation. Run by hand:
 * npx vitest bench --run services/orchestrator/src/many-runs
 */
import { DescribeLineageRequest, ListCheckpointsRequest, ListRunsRequest, ListVersionsRequest } from '@hone/contracts';
import { describeLineage, listCheckpoints, listModels, listVersions } from '@hone/registry';
import { checkpointName, openRegister, type TestRegister } from '@hone/registry/testing/register';
import { sql } from 'kysely';
import { afterAll, beforeAll, bench } from 'vitest';
import { listRunsWith } from './runs.ts';

const RUNS = 1000;
const ITERATIONS = 10;

let register: TestRegister;
let deepToken = '';
/** The last checkpoint of a run. */
let tip = '';

const list = (fields: object, runId?: string) =>
  listCheckpoints(register.database, ListCheckpointsRequest.fromPartial({ pageSize: 50, ...fields }), runId);

/** The digest of a run's iteration, in SQL. */
const digest = (run: string, iteration: string): string =>
  `encode(sha256((${run} || '/' || ${iteration})::bytea), 'hex')`;

beforeAll(async () => {
  register = await openRegister();
  const { database } = register;
  await register.add('base');
  const base = checkpointName('base').slice('checkpoints/'.length);
  const spec = JSON.stringify({ displayName: 'x'.repeat(2000), baseCheckpoint: `checkpoints/${base}` });
  const recipe = JSON.stringify({ spec: 'x'.repeat(3000) });
  const result = JSON.stringify({ note: 'x'.repeat(2000) });
  const run = `lpad(r::text, 6, '0')`;
  const statements = [
    `insert into runs (id, spec, state, code_version, create_time, update_time)
       select 'run-' || ${run}, '${spec}', 'RUN_STATE_SUCCEEDED', 'x', now(), now() from generate_series(1, ${RUNS}) r`,
    `insert into checkpoints (digest, origin, parent, run_id, iteration, recipe, display_name, parameter_count, size_bytes, create_time, labels)
       select ${digest(run, 'i')}, 'CHECKPOINT_ORIGIN_TRAINED', case when i = 1 then '${base}' else ${digest(run, '(i - 1)')} end,
              'run-' || ${run}, i, '${recipe}', 'M_' || i, 1000, 1000, now(), jsonb_build_object('team', 't' || r % 100)
         from generate_series(1, ${RUNS}) r, generate_series(1, ${ITERATIONS}) i order by r, i`,
    `insert into run_checkpoints select run_id, digest, iteration from checkpoints where run_id is not null`,
    `insert into models (name, last_version, create_time, update_time)
       select 'model-' || ${run}, ${ITERATIONS}, now(), now() from generate_series(1, ${RUNS}) r`,
    `insert into model_versions select 'model-' || substr(run_id, 5), iteration, digest, run_id, iteration, now()
       from checkpoints where run_id is not null`,
    `insert into model_aliases select name, 'latest', last_version, 1, now() from models`,
    `insert into phases (run_id, iteration, phase, step, result, usage, artifacts, commit_time)
       select run_id, iteration, phase, '', '${result}'::jsonb || jsonb_build_object('checkpoint', 'checkpoints/' || digest), '{}', '{}', now()
         from checkpoints, unnest(array['PHASE_SAMPLE', 'PHASE_SCORE', 'PHASE_PAIR', 'PHASE_TRAIN', 'PHASE_EVALUATE']) phase
        where run_id is not null`,
    'analyze',
  ];
  for (const statement of statements) await sql.raw(statement).execute(database);
  for (let page = 0; page < 100; page++) deepToken = (await list({ pageToken: deepToken })).nextPageToken;
  const { rows } = await sql<{ digest: string }>`
    select digest from checkpoints where run_id = 'run-000500' and iteration = 10
  `.execute(database);
  tip = `checkpoints/${rows[0]!.digest}`;
}, 120_000);
afterAll(() => register.close());

const lineage = (name: string, descendants: boolean) =>
  describeLineage(register.database, DescribeLineageRequest.fromPartial({ name, descendants }));
const models = { pageSize: 50, pageToken: '', filter: '', orderBy: '' };

bench('runs: the first page', async () => {
  const { database, store } = register;
  const unused = undefined as never;
  await listRunsWith({ database, store, scheduler: unused, reach: unused })(ListRunsRequest.fromPartial({}));
});
bench('checkpoints: the first page', async () => void (await list({})));
bench('checkpoints: page 101', async () => void (await list({ pageToken: deepToken })));
bench('checkpoints: by label', async () => void (await list({ filter: 'labels.team = t7' })));
bench('checkpoints: by time and size, ordered', async () => {
  await list({ filter: 'create_time > 2001-01-01 AND size_bytes < 2000', orderBy: 'display_name desc' });
});
bench('checkpoints: of a run', async () => void (await list({}, 'run-000500')));
bench('models: a page', async () => void (await listModels(register.database, models)));
bench('versions: of a model', async () => {
  const request = ListVersionsRequest.fromPartial({ parent: 'models/model-000500' });
  await listVersions(register.database, request);
});
bench('lineage: ten iterations back to the base', async () => void (await lineage(tip, false)));
bench("lineage: all that came of a run's first checkpoint", async () => {
  await lineage(`checkpoints/${await firstOfRun()}`, true);
});

async function firstOfRun(): Promise<string> {
  const { rows } = await sql<{ digest: string }>`
    select digest from checkpoints where run_id = 'run-000500' and iteration = 1
  `.execute(register.database);
  return rows[0]!.digest;
}
