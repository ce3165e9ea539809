import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MIGRATIONS } from './migrations.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';

let stateDir: string;
let opened: OpenDatabase;
beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'hone-registry-tables-'));
  opened = await openDatabase({ stateDir });
});
afterAll(async () => {
  await opened.close();
  await rm(stateDir, { recursive: true, force: true });
});

/** Those behind the register's own. */
const LATER = Object.keys(MIGRATIONS).filter((name) => name >= '0003');

it('what an orchestrator without a register wrote is all there with one, and its evaluations are found', async () => {
  await opened.database.connection().execute(async (connection) => {
    const run = async (text: string) => (await sql.raw<Record<string, unknown>>(text).execute(connection)).rows;
    try {
      await run('create schema earlier');
      await run('set search_path to earlier');
      await MIGRATIONS['0001-runs-and-checkpoints']!.up(connection);
      await run(`insert into runs (id, spec, state, code_version, create_time, update_time)
        values ('r', '{"benchmark":"gsm8k"}', 'RUN_STATE_SUCCEEDED', 'old', now(), now())`);
      await run(`insert into checkpoints (digest, origin, run_id, iteration, recipe, display_name, parameter_count, size_bytes, create_time)
        values ('abc', 'CHECKPOINT_ORIGIN_TRAINED', 'r', 1, '{"seed":"1"}', 'M_1', 7, 8, now())`);
      await run(`insert into phases values ('r', 1, 'PHASE_EVALUATE', '',
        '{"name":"evaluations/def","checkpoint":"checkpoints/abc"}', '{}', '{}', now())`);
      await MIGRATIONS['0002-registry']!.up(connection);
      expect(await run('select * from checkpoints')).toMatchObject([
        { digest: 'abc', recipe: '{"seed":"1"}', labels: {}, notes: '', revision: 1, delete_time: null },
      ]);
      expect(await run('select * from checkpoint_evaluations')).toMatchObject([
        { checkpoint: 'abc', digest: 'def', run_id: 'r', iteration: 1, benchmark: 'gsm8k', for_selection: false },
      ]);
      for (const migration of LATER) await MIGRATIONS[migration]!.up(connection);
      expect(await run('select * from checkpoint_evaluations')).toMatchObject([
        { checkpoint: 'abc', digest: 'def', run_id: 'r', iteration: 1, benchmark: 'gsm8k', for_selection: false },
      ]);
    } finally {
      await run('set search_path to default');
    }
  });
});
