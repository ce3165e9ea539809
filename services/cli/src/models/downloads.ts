/** Taking checkpoints out of a home. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ExportCheckpointRequest, messageOf, type PartialMessage } from '@hone/contracts';
import { requireRealFileSystem } from '@hone/artifacts';
import { failedPrecondition } from '@hone/errors';
import { callServerStream } from '@hone/rpc';
import type { Clients } from '../platform/platform.ts';

/** Refuses a folder that holds something, which nothing overwrites, and one that cannot hold anything. */
export async function requireFree(folder: string): Promise<void> {
  requireRealFileSystem(folder, 'folder');
  if ((await readdir(folder).catch(() => [])).length > 0)
    throw failedPrecondition('FOLDER_NOT_EMPTY', `${folder} is not empty: choose another folder`);
}

/** Writes the files of an export to a folder that comes to be only when all are there. */
export async function exportModel(
  { orchestrator }: Clients,
  request: PartialMessage<ExportCheckpointRequest>,
  folder: string,
): Promise<string[]> {
  await requireFree(folder);
  const fresh = `${path.resolve(folder)}.${process.pid}.tmp`;
  await mkdir(fresh, { recursive: true });
  const files: string[] = [];
  let stream: ReturnType<typeof createWriteStream> | undefined;
  const finish = async (): Promise<void> => {
    if (!stream) return;
    stream.end();
    await once(stream, 'close');
  };
  try {
    for await (const { chunk } of callServerStream(
      orchestrator,
      'exportCheckpoint',
      messageOf(ExportCheckpointRequest, request),
    )) {
      if (!chunk) continue;
      if (files.at(-1) !== chunk.fileName) {
        await finish();
        files.push(chunk.fileName);
        // A name without folders: nothing is written anywhere else.
        stream = createWriteStream(path.join(fresh, path.basename(chunk.fileName)), { flush: true });
        await once(stream, 'open');
      }
      if (!stream!.write(chunk.data)) await once(stream!, 'drain');
    }
    await finish();
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
    return files;
  } catch (thrown) {
    stream?.destroy();
    await rm(fresh, { recursive: true, force: true });
    throw thrown;
  }
}
