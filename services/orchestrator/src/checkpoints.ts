/** RPCs on the register of checkpoints. */
import type { ArtifactStore } from '@hone/artifacts';
import { weightShapes, readModelConfig } from '@hone/checkpoint';
import {
  Checkpoint,
  CheckpointOrigin,
  digestOfName,
  type GetCheckpointRequest,
  type GetLineageRequest,
  type GetLineageResponse,
  type ListCheckpointsRequest,
  type ListCheckpointsResponse,
  type RegisterCheckpointRequest,
} from '@hone/contracts';
import type { Database } from '@hone/database';
import { invalidArgument } from '@hone/errors';
import { readReadMask } from '@hone/listing';
import { describeCheckpoint, getCheckpoint, listCheckpoints, registerCheckpoint } from './database/checkpoints.ts';
import { getRun } from './database/runs.ts';
import { lineageOf } from './registry/lineage.ts';
import { runIdOf } from './runs.ts';

/** What the RPCs on checkpoints need. */
export interface CheckpointsOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
}

const MAX_RECIPE_CHARS = 1 << 16;

/** RegisterCheckpoint. */
export function registerCheckpointWith({ database, store }: CheckpointsOptions) {
  return async ({ checkpoint: given }: RegisterCheckpointRequest): Promise<Checkpoint> => {
    if (!given) throw invalidArgument('checkpoint', 'must be set');
    const digest = digestOfName('checkpoints', given.name, 'checkpoint.name');
    if (given.run !== '') throw invalidArgument('checkpoint.run', 'must be empty: runs register what they make');
    if (given.origin === CheckpointOrigin.UNSPECIFIED) throw invalidArgument('checkpoint.origin', 'must be set');
    requireJson(given.recipeJson);
    if (given.dataset !== '') digestOfName('datasets', given.dataset, 'checkpoint.dataset');
    const parent = given.parent && (await getCheckpoint(database, given.parent, 'checkpoint.parent')).name;
    const { bytes } = await store.describeFolder(digest);
    const parameterCount = await countParameters(await store.openFolder(digest));
    await registerCheckpoint(database, { ...given, parent, parameterCount, sizeBytes: BigInt(bytes) });
    return withPath(store, await getCheckpoint(database, given.name, 'checkpoint.name'));
  };
}

function requireJson(recipe: string): void {
  const rule = `must be JSON of at most ${MAX_RECIPE_CHARS} characters, or empty`;
  if (recipe.length > MAX_RECIPE_CHARS) throw invalidArgument('checkpoint.recipe_json', rule);
  try {
    JSON.parse(recipe || '{}');
  } catch (cause) {
    throw invalidArgument('checkpoint.recipe_json', rule, cause);
  }
}

/** Weights of the model in a folder, from its config alone. */
export async function countParameters(folder: string): Promise<bigint> {
  const shapes = weightShapes(await readModelConfig(folder));
  return shapes.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * BigInt(size), 1n), 0n);
}

async function withPath(store: ArtifactStore, checkpoint: Checkpoint): Promise<Checkpoint> {
  const digest = digestOfName('checkpoints', checkpoint.name, 'name');
  return { ...checkpoint, path: await store.openFolder(digest) };
}

/** GetCheckpoint. What was deleted is shown, without a folder. */
export function getCheckpointWith({ database, store }: CheckpointsOptions) {
  return async ({ name }: GetCheckpointRequest): Promise<Checkpoint> => {
    const checkpoint = await describeCheckpoint(database, name, 'name');
    return checkpoint.deleteTime ? checkpoint : withPath(store, checkpoint);
  };
}

/** ListCheckpoints. */
export function listCheckpointsWith({ database }: CheckpointsOptions) {
  return async (request: ListCheckpointsRequest): Promise<ListCheckpointsResponse> => {
    const keepRead = readReadMask(request.readMask, Checkpoint);
    const runId = request.run === '' ? undefined : (await getRun(database, runIdOf(request.run, 'run'))).id;
    const { checkpoints, nextPageToken } = await listCheckpoints(database, request, runId);
    return { checkpoints: checkpoints.map(keepRead), nextPageToken };
  };
}

/** GetLineage. */
export function getLineageWith({ database }: CheckpointsOptions) {
  return async ({ name }: GetLineageRequest): Promise<GetLineageResponse> => ({
    checkpoints: await lineageOf(database, name, 'name'),
  });
}
