import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import {
  Checkpoint,
  ExportCheckpointRequest,
  GetCheckpointRequest,
  GetLineageRequest,
  ListCheckpointsRequest,
} from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import { callServerStream, callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { mebibytes, shortName, table } from '../output.ts';
import { withPlatform, type Clients } from '../platform.ts';
import { makeProgress } from '../progress.ts';
import { importModel } from '../uploads.ts';
import { homeOf, integer, outputOf, resourceName } from './common.ts';

function addList(checkpoints: Command): void {
  checkpoints
    .command('list')
    .description('checkpoints, the newest first')
    .option('--run <run>', 'only those of a run', '')
    .option('--limit <number>', 'most checkpoints', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(async (options: { run: string; limit: number; json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const run = options.run && resourceName('runs', options.run);
        const request = ListCheckpointsRequest.fromPartial({ pageSize: Math.min(options.limit, 1000), run });
        const { checkpoints: found } = await callUnary(orchestrator, 'listCheckpoints', request);
        const rows = found.map((item) => [
          shortName(item.name),
          item.origin.replace('CHECKPOINT_ORIGIN_', '').toLowerCase(),
          item.run ? `${item.run} M_${item.iteration}` : '',
          `${(Number(item.parameterCount) / 1e6).toFixed(2)} M`,
          item.displayName,
          item.createTime?.toISOString() ?? '',
        ]);
        outputOf(options).result(
          found.map((item) => Checkpoint.toJSON(item)),
          () =>
            rows.length > 0
              ? table(['checkpoint', 'origin', 'made by', 'weights', 'name', 'created'], rows)
              : 'no checkpoints yet',
        );
      });
    });
}

function addShow(checkpoints: Command): void {
  checkpoints
    .command('show <checkpoint>')
    .description('a checkpoint and its lineage')
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const name = resourceName('checkpoints', text);
        const checkpoint = await callUnary(orchestrator, 'getCheckpoint', GetCheckpointRequest.fromPartial({ name }));
        const { checkpoints: lineage } = await callUnary(
          orchestrator,
          'getLineage',
          GetLineageRequest.fromPartial({ name: checkpoint.name }),
        );
        const document = { ...(Checkpoint.toJSON(checkpoint) as object), lineage: lineage.map((item) => item.name) };
        outputOf(options).result(document, () =>
          [
            checkpoint.name,
            `folder: ${checkpoint.path}`,
            `weights: ${checkpoint.parameterCount} (${mebibytes(checkpoint.sizeBytes)})`,
            'lineage:',
            ...lineage.map(
              (item) =>
                `  ${shortName(item.name)}  ${item.displayName}${item.run ? `  ${item.run} M_${item.iteration}` : ''}`,
            ),
            'recipe:',
            JSON.stringify(JSON.parse(checkpoint.recipeJson || '{}'), null, 2),
          ].join('\n'),
        );
      });
    });
}

/** Writes the files of an export to a folder that comes to be only when all are there. */
async function receive({ orchestrator }: Clients, name: string, folder: string): Promise<string[]> {
  if ((await readdir(folder).catch(() => [])).length > 0)
    throw failedPrecondition('FOLDER_NOT_EMPTY', `${folder} is not empty: choose another folder`);
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
      ExportCheckpointRequest.fromPartial({ name }),
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

function addTransfers(checkpoints: Command): void {
  checkpoints
    .command('export <checkpoint> <folder>')
    .description('write a checkpoint as a Hugging Face model folder')
    .option('--json', 'as JSON', false)
    .action(async (text: string, folder: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const name = resourceName('checkpoints', text);
        const files = await receive(clients, name, folder);
        outputOf(options).result(
          { checkpoint: name, folder: path.resolve(folder), files },
          () => `${folder}: ${files.join(', ')}`,
        );
      });
    });
  checkpoints
    .command('import <model>')
    .description('bring in a Hugging Face model folder or a .gguf file')
    .option('--name <text>', 'a name for people')
    .option('--json', 'as JSON', false)
    .action(async (model: string, options: { name?: string; json: boolean }, command: Command) => {
      const output = outputOf(options);
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const progress = makeProgress(output);
        progress.phase('import model');
        const checkpoint = await importModel(clients, model, {
          displayName: options.name ?? path.basename(path.resolve(model)),
          onBytes: (done, total) => progress.update(Math.round(done / 2 ** 20), Math.round(total / 2 ** 20), 'MiB'),
        }).finally(() => progress.stop());
        output.result(Checkpoint.toJSON(checkpoint), () => checkpoint.name);
      });
    });
}

/** `hone checkpoints …`. */
export function addCheckpointCommands(program: Command): void {
  const checkpoints = program.command('checkpoints').description('list, show, export and import checkpoints');
  addList(checkpoints);
  addShow(checkpoints);
  addTransfers(checkpoints);
}
