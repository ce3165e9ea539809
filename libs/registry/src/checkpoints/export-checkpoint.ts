/** Exporting a checkpoint's files. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import {
  digestOfName,
  type Checkpoint,
  type ExportCheckpointRequest,
  type ExportCheckpointResponse,
} from '@hone/contracts';
import { failedPrecondition, toHoneError } from '@hone/errors';
import type { RegistryContext } from '../context.ts';
import { getCheckpoint } from '../rows/checkpoints.ts';

const CHUNK_BYTES = 256 << 10;

/** Sends a checkpoint's files, after every byte of them was checked against its digest. */
export async function* exportCheckpoint(
  { database, store }: RegistryContext,
  { name, adapter }: ExportCheckpointRequest,
  signal: AbortSignal,
): AsyncGenerator<ExportCheckpointResponse> {
  const checkpoint = await getCheckpoint(database, name, 'name');
  const digest = adapter ? adapterOf(checkpoint) : digestOfName('checkpoints', checkpoint.name, 'name');
  const folder = await store.openFolder(digest, { verify: true });
  const { files } = await store.describeFolder(digest);
  for (const { name: fileName } of files) yield* chunksOf(path.join(folder, fileName), fileName, signal);
}

function adapterOf({ name, recipeJson }: Checkpoint): string {
  const { adapter } = JSON.parse(recipeJson || '{}') as { adapter?: unknown };
  if (typeof adapter === 'string') return digestOfName('adapters', adapter, 'name');
  throw failedPrecondition('NO_ADAPTER', `${name} was not trained as an adapter`);
}

async function* chunksOf(
  file: string,
  fileName: string,
  signal: AbortSignal,
): AsyncGenerator<ExportCheckpointResponse> {
  let empty = true;
  try {
    for await (const data of createReadStream(file, { highWaterMark: CHUNK_BYTES, signal })) {
      empty = false;
      yield { chunk: { fileName, data: data as Buffer } };
    }
  } catch (thrown) {
    throw toHoneError(thrown);
  }
  if (empty) yield { chunk: { fileName, data: Buffer.alloc(0) } };
}
