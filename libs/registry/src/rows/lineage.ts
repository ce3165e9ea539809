/** What came from what: one query in either direction, however long the line is. */
import type { Queryable } from '@hone/database';
import { sql } from 'kysely';
import type { CheckpointRow } from './checkpoints.ts';

/** A checkpoint and its distance from the one that was asked for. */
export type RelatedRow = CheckpointRow & { readonly depth: number };

/** Registration does not know of circles, and a content digest cannot have one; a forged row must not loop for ever. */
const MAX_DEPTH = 10_000;
/** Descendants that one answer holds. */
const MAX_DESCENDANTS = 1000;

/** A checkpoint and its registered ancestors, itself first. */
export async function ancestorsOf(database: Queryable, digest: string): Promise<RelatedRow[]> {
  const { rows } = await sql<RelatedRow>`
    with recursive line (digest, parent, depth) as (
      select digest, parent, 0 from checkpoints where digest = ${digest}
      union all
      select above.digest, above.parent, line.depth + 1
        from line join checkpoints as above on above.digest = line.parent
       where line.depth < ${MAX_DEPTH}
    ) cycle digest set is_cycle using path
    select checkpoints.*, line.depth from line join checkpoints using (digest) where not is_cycle order by line.depth
  `.execute(database);
  return rows;
}

/** What came from a checkpoint, without itself, by depth and then age, and how many there are in all. */
export async function descendantsOf(
  database: Queryable,
  digest: string,
): Promise<{ readonly rows: RelatedRow[]; readonly count: number }> {
  const { rows } = await sql<RelatedRow & { readonly total: string | number }>`
    with recursive tree (digest, depth) as (
      select digest, 0 from checkpoints where digest = ${digest}
      union all
      select below.digest, tree.depth + 1
        from tree join checkpoints as below on below.parent = tree.digest
       where tree.depth < ${MAX_DEPTH}
    ) cycle digest set is_cycle using path
    select checkpoints.*, tree.depth, count(*) over () as total
      from tree join checkpoints using (digest)
     where tree.depth > 0 and not is_cycle
     order by tree.depth, checkpoints.number limit ${MAX_DESCENDANTS}
  `.execute(database);
  return { rows, count: Number(rows[0]?.total ?? 0) };
}
