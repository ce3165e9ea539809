/** A PostgreSQL server that is not the orchestrator's own: started by a test, where the machine has its programs. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '@hone/artifacts/testing/free-port';

/** The folder of `postgres` and `initdb`: that of HONE_POSTGRES, else that of the `postgres` on the PATH; undefined where none is. */
export function serverPrograms(): string | undefined {
  const named = process.env['HONE_POSTGRES'];
  const found = named ?? (spawnSync('which', ['postgres'], { encoding: 'utf8' }).stdout ?? '').trim();
  return found ? path.dirname(realpathSync(found)) : undefined;
}

/** Said where tests are skipped. */
export const NO_SERVER = 'no `postgres` on the PATH (or HONE_POSTGRES): not tested against a separate server';

const PASSWORD = 'a test';
const NOBODY = 65_534;

/** Starts a server on loopback that asks for a password; `url` is that of a new database each time. */
export async function startSeparateServer(programs: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'hone-separate-server-'));
  const account = process.getuid!() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid);
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const data = path.join(folder, 'data');
  const flags = ['-D', data, '-U', 'owner', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'];
  const made = spawnSync(path.join(programs, 'initdb'), flags, { encoding: 'utf8', cwd: folder, ...account });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
  const child = spawn(path.join(programs, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
    cwd: folder,
    stdio: 'ignore',
    ...account,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const urlOf = (database: string): string =>
    `postgresql://owner:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  const admin = await connectWithRetry(urlOf('postgres'));
  let count = 0;
  return {
    newDatabase: async (): Promise<string> => {
      const name = `hone_${count++}`;
      await admin.query(`create database ${name}`);
      return urlOf(name);
    },
    stop: async (): Promise<void> => {
      await admin.end();
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function connectWithRetry(url: string): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (thrown) {
      if (attempt >= 200) throw thrown;
      await sleep(50);
    }
  }
}
