/**
 * Lists and lineages over 1,000 runs of 10 iterations, each with its checkpoint, version and evaluation. Run by hand:
 * npx vitest bench --run many-runs
 */
import {
  DescribeLineageRequest,
  GetRunRequest,
  ListCheckpointsRequest,
  ListRunsRequest,
  ListVersionsRequest,
} from '@hone/contracts';
import { describeLineage, listCheckpoints, listModels, listVersions } from '@hone/registry';
import { checkpointName, openRegister, type TestRegister } from '@hone/registry/testing/register';
import { sql } from 'kysely';
import { afterAll, beforeAll, bench } from 'vitest';
import { getRunWith, listRunsWith } from './runs.ts';

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

/** What a step of a kind gave, in SQL: a text as long as real results are, and the checkpoint where the kind names one. */
const resultOf = (kind: string, text: string): string =>
  `case ${kind}
     when 'train' then jsonb_build_object('checkpoint',
       jsonb_build_object('name', 'checkpoints/' || digest, 'recipeJson', '${text}'))
     when 'evaluate' then jsonb_build_object('checkpoint', 'checkpoints/' || digest, 'scorerVersion', '${text}')
     when 'publish' then jsonb_build_object('checkpoint', 'checkpoints/' || digest)
     when 'sample' then jsonb_build_object('templateDates', jsonb_build_array('${text}'))
     when 'score' then jsonb_build_object('scorer', '${text}')
     else jsonb_build_object('report', jsonb_build_object('rule', '${text}'))
   end`;

beforeAll(async () => {
  register = await openRegister();
  const { database } = register;
  await register.add('base');
  const base = checkpointName('base').slice('checkpoints/'.length);
  const spec = JSON.stringify({
    benchmark: 'arithmetic',
    displayName: 'x'.repeat(2000),
    baseCheckpoint: `checkpoints/${base}`,
  });
  const recipe = JSON.stringify({ spec: 'x'.repeat(3000) });
  const text = 'x'.repeat(2000);
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
    `insert into steps (run_id, iteration, name, shard, kind, start_time, end_time, codec, result, usage, artifacts)
       select run_id, iteration, kind, -1, kind, now(), now(), kind || '/1', ${resultOf('kind', text)}, '{}',
              jsonb_build_object('rows', jsonb_build_object('kind', kind, 'version', 1, 'digest', digest, 'count', 1))
         from checkpoints, unnest(array['sample', 'score', 'build', 'train', 'evaluate', 'publish']) with ordinality kinds (kind, place)
        where run_id is not null order by run_id, iteration, place`,
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

const runsOptions = () => {
  const { database, store } = register;
  const unused = undefined as never;
  return { database, store, scheduler: unused, reach: unused };
};

bench('runs: the first page', async () => {
  await listRunsWith(runsOptions())(ListRunsRequest.fromPartial({}));
});
bench('runs: by state and benchmark', async () => {
  const filter = 'state = SUCCEEDED AND benchmark = arithmetic';
  await listRunsWith(runsOptions())(ListRunsRequest.fromPartial({ filter, orderBy: 'update_time' }));
});
bench('a run with ten iterations', async () => {
  await getRunWith(runsOptions())(GetRunRequest.fromPartial({ name: 'runs/run-000500' }));
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
