import path from 'node:path';
import { Checkpoint, GetCheckpointRequest, GetLineageRequest, ListCheckpointsRequest } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { mebibytes, shortName, table } from '../output.ts';
import { withPlatform } from '../platform.ts';
import { makeProgress } from '../progress.ts';
import { exportModel } from '../downloads.ts';
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

function addTransfers(checkpoints: Command): void {
  checkpoints
    .command('export <checkpoint> <folder>')
    .description('write a checkpoint as a Hugging Face model folder')
    .option('--adapter', 'write the low-rank adapter that was trained, as PEFT stores it', false)
    .option('--json', 'as JSON', false)
    .action(async (text: string, folder: string, options: { adapter: boolean; json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const name = resourceName('checkpoints', text);
        const files = await exportModel(clients, { name, adapter: options.adapter }, folder);
        outputOf(options).result(
          { checkpoint: name, folder: path.resolve(folder), files },
          () => `${folder}: ${files.join(', ')}`,
        );
      });
    });
  checkpoints
    .command('import <model>')
    .description('bring in a Hugging Face model folder, a .gguf file or a model of the hub (org/name)')
    .option('--name <text>', 'a name for people')
    .option('--json', 'as JSON', false)
    .action(async (model: string, options: { name?: string; json: boolean }, command: Command) => {
      const output = outputOf(options);
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const progress = makeProgress(output);
        progress.phase('import model');
        const checkpoint = await importModel(clients, model, {
          displayName: options.name,
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
