/** Which artifacts any row names. */
import type { ListReferencedArtifactsResponse } from '@hone/contracts';
import type { Database, Schema } from '@hone/database';
import { sql, type Transaction } from 'kysely';

const DIGESTS_PER_MESSAGE = 1000;

/**
 * Streams every digest that any row of any table holds, in whatever field, but those of deleted checkpoints. What only looks like a
 * digest keeps nothing that it should not, while a table that was forgotten here would cost what it names.
 */
export async function* listReferencedArtifacts(database: Database): AsyncGenerator<ListReferencedArtifactsResponse> {
  const digests = [...(await namedDigests(database))];
  for (let start = 0; start < digests.length; start += DIGESTS_PER_MESSAGE) {
    yield { digests: digests.slice(start, start + DIGESTS_PER_MESSAGE) };
  }
}

/** Files of deleted checkpoints, and of adapters that none but those had: many rows name them still, and none needs them. */
async function deletedDigests(transaction: Transaction<Schema>): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    with files as (
      select digest, delete_time from checkpoints
      union all
      select substring(recipe from '"adapter"\\s*:\\s*"adapters/([0-9a-f]{64})"'), delete_time from checkpoints
    )
    select digest from files where digest is not null group by digest having bool_and(delete_time is not null)
  `.execute(transaction);
  return rows.map(({ digest }) => digest);
}

/** Reads all tables at one moment, so that no name that moves from one to another is missed. */
async function namedDigests(database: Database): Promise<Set<string>> {
  const digests = new Set<string>();
  await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const tables = await sql<{ schema: string; name: string }>`
        select table_schema as schema, table_name as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
      `.execute(transaction);
      for (const { schema, name } of tables.rows) {
        const found = await sql<{ digest: string }>`
          select distinct (regexp_matches(t::text, '[0-9a-f]{64}', 'g'))[1] as digest from ${sql.id(schema, name)} as t
        `.execute(transaction);
        for (const { digest } of found.rows) digests.add(digest);
      }
      for (const digest of await deletedDigests(transaction)) digests.delete(digest);
    });
  return digests;
}
