/** Lineages: what a checkpoint came from, and what came of it, with what was measured. */
import type { Checkpoint, DescribeLineageRequest, DescribeLineageResponse, LineageNode } from '@hone/contracts';
import type { Database, Queryable } from '@hone/database';
import { checkpointMessages, getCheckpointRow } from './rows/checkpoints.ts';
import { evaluationsOf } from './rows/evaluations.ts';
import { ancestorsOf, descendantsOf, type RelatedRow } from './rows/lineage.ts';

/** Answers in a fixed number of queries, however long the line is. */
export async function describeLineage(
  database: Database,
  { name, descendants }: DescribeLineageRequest,
): Promise<DescribeLineageResponse> {
  const { digest } = await getCheckpointRow(database, name, 'name');
  const below = descendants ? await descendantsOf(database, digest) : { rows: [], count: 0 };
  return {
    ancestors: await nodesOf(database, await ancestorsOf(database, digest)),
    descendants: await nodesOf(database, below.rows),
    descendantCount: below.count,
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
