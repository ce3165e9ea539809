/** DescribeLineage. */
import type { Checkpoint, DescribeLineageRequest, DescribeLineageResponse, LineageNode } from '@hone/contracts';
import type { Database, Queryable } from '@hone/database';
import { checkpointMessages, getCheckpointRow } from '../database/checkpoints.ts';
import { evaluationsOf } from '../database/evaluations.ts';
import { ancestorsOf, descendantsOf, type RelatedRow } from '../database/lineage.ts';

/** Answers in a fixed number of queries, however long the line is. */
export function describeLineageWith(database: Database) {
  return async ({ name, descendants }: DescribeLineageRequest): Promise<DescribeLineageResponse> => {
    const { digest } = await getCheckpointRow(database, name, 'name');
    const below = descendants ? await descendantsOf(database, digest) : { rows: [], count: 0 };
    return {
      ancestors: await nodesOf(database, await ancestorsOf(database, digest)),
      descendants: await nodesOf(database, below.rows),
      descendantCount: below.count,
    };
  };
}

async function nodesOf(database: Queryable, rows: readonly RelatedRow[]): Promise<LineageNode[]> {
  const checkpoints = await checkpointMessages(database, rows);
  const evaluations = await evaluationsOf(
    database,
    rows.map(({ digest }) => digest),
  );
  return checkpoints.map((checkpoint, index) => ({
    checkpoint,
    depth: rows[index]!.depth,
    evaluations: evaluations.get(checkpoint.name) ?? [],
  }));
}

/** A checkpoint and its ancestors, itself first. */
export async function lineageOf(database: Queryable, name: string, field: string): Promise<Checkpoint[]> {
  const { digest } = await getCheckpointRow(database, name, field);
  return checkpointMessages(database, await ancestorsOf(database, digest));
}
