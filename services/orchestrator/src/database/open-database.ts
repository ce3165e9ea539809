import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { failedPrecondition, HoneError, invalidArgument, resourceExhausted, toHoneError } from '@hone/errors';
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import { MIGRATIONS } from './migrations.ts';
import { PglitePool } from './pglite-pool.ts';
import type { Schema } from './schema.ts';
import { lockStateFolder } from './state-lock.ts';

export type Database = Kysely<Schema>;

/** An open database; closing it lets the state folder go. */
export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

const FOLDER = 'database';
const UNFINISHED = 'database.new';

/** Opens the database in the state folder, making it at the first time. The folder then belongs to this process alone. */
export async function openDatabase(stateDir: string): Promise<OpenDatabase> {
  await mkdir(stateDir, { recursive: true }).catch((thrown: NodeJS.ErrnoException) => {
    const isFile = thrown.code === 'EEXIST' || thrown.code === 'ENOTDIR';
    throw isFile
      ? invalidArgument('--state', `${stateDir} is not a folder, nor can it become one`)
      : toHoneError(thrown);
  });
  const lock = await lockStateFolder(stateDir);
  try {
    await createIfMissing(stateDir);
    const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: await openPool(stateDir) }) });
    await migrate(database);
    const close = async (): Promise<void> => {
      await database.destroy();
      await lock.release();
    };
    return { database, close };
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

/** A killed process leaves an unfinished database under another name, never one that looks ready. */
async function createIfMissing(stateDir: string): Promise<void> {
  const unfinished = path.join(stateDir, UNFINISHED);
  try {
    await rm(unfinished, { recursive: true, force: true });
    if ((await readdir(stateDir)).includes(FOLDER)) return;
    const fresh = await PGlite.create(unfinished);
    await fresh.close();
    await rename(unfinished, path.join(stateDir, FOLDER));
  } catch (thrown) {
    await rm(unfinished, { recursive: true, force: true });
    throw notMade(stateDir, thrown);
  }
}

/** The embedded database's file system has errors of its own, which carry a number (WASI) and no message. */
const WASI_ENOSPC = 51;

function notMade(stateDir: string, thrown: unknown): HoneError {
  if (thrown instanceof Error && 'code' in thrown) return toHoneError(thrown);
  const { errno } = thrown as { errno?: unknown };
  if (errno === WASI_ENOSPC) {
    const message = `no space left on the disk for the database in ${stateDir}: free 100 MB, or choose another --state`;
    return resourceExhausted('DISK_FULL', message, thrown);
  }
  const problem = thrown instanceof Error ? thrown.message : `error ${String(errno)}`;
  const message = `${stateDir}: the database cannot be made (${problem}): choose another folder with --state`;
  return failedPrecondition('DATABASE_NOT_MADE', message, { stateDir });
}

async function openPool(stateDir: string): Promise<PglitePool> {
  const folder = path.join(stateDir, FOLDER);
  try {
    return new PglitePool(await PGlite.create(folder));
  } catch (thrown) {
    throw unusable(folder, thrown);
  }
}

async function migrate(database: Database): Promise<void> {
  const provider = { getMigrations: async () => ({ ...MIGRATIONS }) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (error) throw toHoneError(error);
}

function unusable(folder: string, cause: unknown): HoneError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new HoneError({
    code: 'DATA_LOSS',
    reason: 'DATABASE_UNUSABLE',
    message: `${folder}: the database does not open (${problem}): restore a backup, or start with an empty --state folder`,
    metadata: { folder },
    cause,
  });
}
