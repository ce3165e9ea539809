import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './open-database.ts';
import { lockStateFolder } from './state-lock.ts';

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
    error: '',
    attempt: 0,
    code_version: 'test',
    create_time: now,
    update_time: now,
    last_event: 0,
  };
}

describe('the database', () => {
  it('keeps its rows over a restart, and has one owner', async () => {
    const stateDir = path.join(root, 'kept');
    const first = await openDatabase(stateDir);
    await first.database.insertInto('runs').values(runRow('a')).execute();
    await expect(openDatabase(stateDir)).rejects.toMatchObject({ reason: 'STATE_IN_USE' });
    await first.close();
    const second = await openDatabase(stateDir);
    const row = await second.database.selectFrom('runs').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ id: 'a', spec: { iterations: 2 }, number: 1, create_time: new Date(0) });
    await second.close();
    expect((await readdir(stateDir)).sort()).toEqual(['database']);
  });

  it('says so where the state folder is a file', async () => {
    const file = path.join(root, 'file');
    await writeFile(file, '');
    for (const stateDir of [file, path.join(file, 'state')]) {
      await expect(openDatabase(stateDir)).rejects.toMatchObject({ violations: [{ field: '--state' }] });
    }
  });

  it('undoes a transaction that throws, and runs transactions one after the other', async () => {
    const { database, close } = await openDatabase(path.join(root, 'kept'));
    const failing = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('runs').values(runRow('b')).execute();
      throw new Error('undo');
    });
    const fine = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('runs').values(runRow('c')).execute();
    });
    await expect(failing).rejects.toThrow('undo');
    await fine;
    expect(await database.selectFrom('runs').select('id').orderBy('number').execute()).toEqual([
      { id: 'a' },
      { id: 'c' },
    ]);
    await close();
  });

  it('starts over where an earlier process was killed while it made the database', async () => {
    const stateDir = path.join(root, 'unfinished');
    await mkdir(path.join(stateDir, 'database.new'), { recursive: true });
    await writeFile(path.join(stateDir, 'database.new', 'PG_VERSION'), '17');
    const { close } = await openDatabase(stateDir);
    await close();
    expect(await readdir(stateDir)).toEqual(['database']);
  });
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
