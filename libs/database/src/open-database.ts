import { stat } from 'node:fs/promises';
import path from 'node:path';
import { makePrivateFolder } from '@hone/artifacts';
import { failedPrecondition, HoneError, invalidArgument } from '@hone/errors';
import {
  Kysely,
  Migrator,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { MIGRATIONS } from './migrations.ts';
import { OwnerLock } from './owner-lock.ts';
import type { Schema } from './schema.ts';
import { databaseError } from './server/database-errors.ts';
import { EmbeddedServer, type EmbeddedServerOptions } from './server/embedded-server.ts';
import { lockStateFolder } from './state-lock.ts';

export type Database = Kysely<Schema>;

/** The database, or a transaction on it. */
export type Queryable = Database | Transaction<Schema>;

/** An open database; closing it lets it go for the next orchestrator. */
export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** Which database. */
export interface DatabaseOptions extends EmbeddedServerOptions {
  /** A PostgreSQL server (14 or later); undefined means one of the orchestrator's own, with its data in the state folder. */
  readonly url?: string | undefined;
  /** Called where another orchestrator took the database over while this one was cut off from it: this one must end. */
  readonly onLost?: (reason: Error) => void;
  /** Told of a state folder that was made. */
  readonly onMade?: (folder: string) => void;
  /** Default: all that there are. */
  readonly migrations?: typeof MIGRATIONS;
}

/** Something to let go of. */
type Release = () => Promise<void>;

const MAX_CONNECTIONS = 12;
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens the database, with tables as this version has them. It then belongs to this process alone. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const held: Release[] = [];
  const close = async (): Promise<void> => {
    for (const release of held.splice(0).reverse()) await release();
  };
  try {
    const config = await connect(options, held);
    const lock = await OwnerLock.take(config, options.onLost ?? (() => undefined));
    held.push(() => lock.release());
    const pool = new pg.Pool({ ...config, max: MAX_CONNECTIONS, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    // A connection that breaks while nobody uses it is no error: the next one who asks gets another.
    pool.on('error', () => undefined);
    const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: withHoneErrors(pool) }) });
    held.push(() => database.destroy());
    await migrate(database, options.migrations ?? MIGRATIONS);
    return { database, close };
  } catch (thrown) {
    await close();
    throw databaseError(thrown);
  }
}

/** The server's address; of its own server the orchestrator is the parent. */
async function connect(options: DatabaseOptions, held: Release[]): Promise<pg.ClientConfig> {
  const { stateDir, url } = options;
  if (makePrivateFolder(stateDir, '--state')) options.onMade?.(stateDir);
  if (url !== undefined) return { connectionString: checkUrl(url) };
  const lock = await lockStateFolder(stateDir);
  held.push(() => lock.release());
  await refuseOldState(stateDir);
  forgetClientVariables();
  const server = await EmbeddedServer.open(options);
  held.push(() => server.close());
  return server.connection;
}

/**
 * PostgreSQL's clients take whatever their caller does not say from PGSSLMODE, PGOPTIONS and their like. Those are meant for some other
 * server of the user's: to the embedded one they do not apply, nor to any library that connects to it.
 */
function forgetClientVariables(): void {
  for (const name of Object.keys(process.env)) if (/^PG[A-Z]+$/.test(name)) Reflect.deleteProperty(process.env, name);
}

function checkUrl(url: string): string {
  // Never the URL itself in a message: it may hold a password.
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  throw invalidArgument('DATABASE_URL', 'must be a URL like postgresql://user@host:5432/database');
}

/** Before its first release Hone kept its state in another form. */
async function refuseOldState(stateDir: string): Promise<void> {
  const old = path.join(stateDir, 'database');
  if (!(await stat(old).catch(() => undefined))) return;
  const message =
    `${old} was made by a version of Hone before its first release, whose state cannot be read: choose another --state ` +
    'folder (or --home); the checkpoints in the store can be exported from there and imported again';
  throw failedPrecondition('OLD_STATE', message, { folder: old });
}

/** The pool as Kysely takes it, with errors of Hone's own. */
function withHoneErrors(pool: pg.Pool): PostgresPool {
  const rethrow = (thrown: unknown): never => {
    throw databaseError(thrown);
  };
  return {
    async connect() {
      const client = await pool.connect().catch(rethrow);
      // Whatever breaks the connection while it is lent, the query that then fails says.
      const ignore = (): void => undefined;
      client.on('error', ignore);
      const query = (text: string, values: readonly unknown[]): Promise<unknown> =>
        client.query(text, [...values]).catch(rethrow);
      const release = (): void => {
        client.off('error', ignore);
        client.release();
      };
      return { query, release } as PostgresPoolClient;
    },
    end: () => pool.end(),
  };
}

async function migrate(database: Database, migrations: typeof MIGRATIONS): Promise<void> {
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (!error) return;
  if (error instanceof HoneError) throw error;
  const message = `the database's tables cannot be brought to this version: ${(error as Error).message}`;
  throw new HoneError({ code: 'FAILED_PRECONDITION', reason: 'MIGRATION_FAILED', message, cause: error });
}
