import type { PGlite } from '@electric-sql/pglite';
import { resourceExhausted } from '@hone/errors';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';

/**
 * PGlite as a pool of one connection, in the form that Kysely's PostgreSQL dialect takes: the same dialect and queries then
 * serve a PostgreSQL server. Whoever has the connection keeps it until released, so that transactions do not mix.
 */
export class PglitePool implements PostgresPool {
  private readonly database: PGlite;
  private free: Promise<void> = Promise.resolve();

  constructor(database: PGlite) {
    this.database = database;
  }

  async connect(): Promise<PostgresPoolClient> {
    const before = this.free;
    let release: () => void = () => undefined;
    this.free = new Promise((resolve) => (release = resolve));
    await before;
    const query = (sql: string, parameters: readonly unknown[]) => this.query(sql, parameters);
    return { query: query as PostgresPoolClient['query'], release };
  }

  async end(): Promise<void> {
    await this.free;
    await this.database.close();
  }

  private async query(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    const { rows, affectedRows } = await this.database.query<unknown>(sql, [...parameters]).catch((thrown: unknown) => {
      throw translated(thrown);
    });
    const command = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'SELECT';
    return { command: command as 'SELECT', rowCount: affectedRows ?? rows.length, rows };
  }
}

/** PostgreSQL's own code for a full disk. */
const DISK_FULL = '53100';

/** What a user can mend gets a name; everything else stays what it is. */
function translated(thrown: unknown): unknown {
  if ((thrown as { code?: unknown }).code !== DISK_FULL) return thrown;
  const message = `the orchestrator's database has no space left on its disk: free some space and resume`;
  return resourceExhausted('DISK_FULL', message, thrown);
}
