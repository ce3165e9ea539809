/** Registering checkpoints that other services made, and showing where their files are. */
import type { ArtifactStore } from '@hone/artifacts';
import { readModelConfig, weightShapes } from '@hone/checkpoint';
import { CheckpointOrigin, digestOfName, type Checkpoint } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import type { RegistryContext } from '../context.ts';
import { describeCheckpoint, getCheckpoint, registerCheckpoint } from '../rows/checkpoints.ts';

const MAX_RECIPE_CHARS = 1 << 16;

/** Registers a checkpoint whose files are in the store; its size and its count of parameters are read from them. */
export async function registerStoredCheckpoint(
  { database, store }: RegistryContext,
  given: Checkpoint | undefined,
): Promise<Checkpoint> {
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
async function countParameters(folder: string): Promise<bigint> {
  const shapes = weightShapes(await readModelConfig(folder));
  return shapes.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * BigInt(size), 1n), 0n);
}

async function withPath(store: ArtifactStore, checkpoint: Checkpoint): Promise<Checkpoint> {
  const digest = digestOfName('checkpoints', checkpoint.name, 'name');
  return { ...checkpoint, path: await store.openFolder(digest) };
}

/** A checkpoint by any of its names, with the folder of its files. What was deleted is shown, without a folder. */
export async function openCheckpoint({ database, store }: RegistryContext, name: string): Promise<Checkpoint> {
  const checkpoint = await describeCheckpoint(database, name, 'name');
  return checkpoint.deleteTime ? checkpoint : withPath(store, checkpoint);
}
