import {
  Checkpoint,
  CompareCheckpointsRequest,
  CompareCheckpointsResponse,
  DeleteCheckpointRequest,
  DescribeLineageRequest,
  GetCheckpointRequest,
  LineageNode,
  RecordedEvaluation,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { makeProgress, mebibytes, moment, shortName } from '@hone/terminal';
import type { Command } from 'commander';
import { checkpointName } from '../../models/checkpoint-reference.ts';
import { exportCheckpoint } from '../../models/export-checkpoint.ts';
import { comparisonText } from '../../reports/comparison-lines.ts';
import { evaluationTable } from '../../reports/evaluation-lines.ts';
import { withPlatform } from '../../platform/platform.ts';
import { importModel } from '../../files/uploads.ts';
import { homeOf, outputOf, seedOption } from '../common.ts';
import { addEdit } from './edit-checkpoint.ts';
import { addList, namesOf } from './list-checkpoints.ts';

function addShow(checkpoints: Command): void {
  checkpoints
    .command('show <checkpoint>')
    .description('a checkpoint: names, notes, evaluations, lineage and exact recipe')
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator, registry }) => {
        const request = GetCheckpointRequest.fromPartial({ name: checkpointName(text) });
        const checkpoint = await callUnary(orchestrator, 'getCheckpoint', request);
        const asked = DescribeLineageRequest.fromPartial({ name: checkpoint.name });
        const { ancestors } = await callUnary(registry, 'describeLineage', asked);
        const { evaluations } = ancestors[0]!;
        const { recipeJson, ...fields } = Checkpoint.toJSON(checkpoint) as Record<string, unknown>;
        const recipe: unknown = JSON.parse(String(recipeJson ?? '{}'));
        const document = {
          ...fields,
          recipe,
          evaluations: evaluations.map((evaluation) => RecordedEvaluation.toJSON(evaluation)),
          lineage: ancestors.map((node) => node.checkpoint!.name),
        };
        outputOf(options).result(document, () =>
          [
            checkpoint.name + (checkpoint.deleteTime ? ` (deleted ${moment(checkpoint.deleteTime)} UTC)` : ''),
            ...(namesOf(checkpoint) ? [`known as: ${namesOf(checkpoint)}`] : []),
            ...Object.entries(checkpoint.labels).map(([key, value]) => `label ${key}: ${value}`),
            ...(checkpoint.notes ? [`notes: ${checkpoint.notes}`] : []),
            `folder: ${checkpoint.path}`,
            `weights: ${checkpoint.parameterCount} (${mebibytes(checkpoint.sizeBytes)})`,
            evaluationTable(evaluations),
            'lineage:',
            ...ancestors.map(lineageLine),
            'recipe:',
            JSON.stringify(recipe, null, 2),
          ].join('\n'),
        );
      });
    });
}

function lineageLine({ checkpoint }: LineageNode): string {
  const { name, displayName, run, iteration } = checkpoint!;
  return `  ${shortName(name)}  ${displayName}${run ? `  ${run} M_${iteration}` : ''}`;
}

function addCompare(checkpoints: Command): void {
  checkpoints
    .command('compare <first> <second>')
    .description('how two checkpoints differ: recipes field by field, evaluations with paired intervals')
    .addOption(seedOption('of the bootstrap', 0n))
    .option('--json', 'as JSON', false)
    .action(async (one: string, other: string, options: { seed: bigint; json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ registry }) => {
        const names = { first: checkpointName(one), second: checkpointName(other) };
        const request = CompareCheckpointsRequest.fromPartial({ ...names, seed: options.seed });
        const compared = await callUnary(registry, 'compareCheckpoints', request);
        outputOf(options).result(CompareCheckpointsResponse.toJSON(compared), () => comparisonText(compared));
      });
    });
}

function addDelete(checkpoints: Command): void {
  checkpoints
    .command('delete <checkpoint>')
    .description('delete a checkpoint; hone artifacts gc then takes its files, its place in lineages stays')
    .option('--force', 'although others were trained from it, or a stopped run would need it to go on', false)
    .option('--etag <etag>', 'only if it is still as it was seen (show --json)', '')
    .option('--dry-run', 'only say whether it could be deleted', false)
    .option('--json', 'as JSON', false)
    .action(
      async (
        text: string,
        options: { force: boolean; etag: string; dryRun: boolean; json: boolean },
        command: Command,
      ): Promise<void> => {
        await withPlatform({ home: homeOf(command) }, async ({ registry }) => {
          const { force, etag, dryRun: validateOnly } = options;
          const request = { name: checkpointName(text), force, etag, validateOnly };
          const deleted = await callUnary(registry, 'deleteCheckpoint', DeleteCheckpointRequest.fromPartial(request));
          const done = validateOnly ? 'could be deleted' : 'deleted; hone artifacts gc takes its files';
          outputOf(options).result(Checkpoint.toJSON(deleted), () => `${deleted.name}: ${done}`);
        });
      },
    );
}

function addExport(checkpoints: Command): void {
  checkpoints
    .command('export <checkpoint> <target>')
    .description(
      'write a checkpoint as a Hugging Face model: to a folder, s3://bucket/prefix or hf://org/name[@branch]',
    )
    .option('--adapter', 'write the low-rank adapter that was trained, as PEFT stores it', false)
    .option('--public', 'where the hub has no such repository yet, make it for all to see', false)
    .option('--json', 'as JSON', false)
    .action(
      async (
        text: string,
        target: string,
        options: { adapter: boolean; public: boolean; json: boolean },
        command: Command,
      ): Promise<void> => {
        await withPlatform({ home: homeOf(command) }, async (clients) => {
          const request = GetCheckpointRequest.fromPartial({ name: checkpointName(text) });
          const { name } = await callUnary(clients.orchestrator, 'getCheckpoint', request);
          const exported = await exportCheckpoint(clients, { name, ...options }, target);
          const document = { checkpoint: name, ...exported };
          outputOf(options).result(document, () => `${exported.location}: ${exported.files.join(', ')}`);
        });
      },
    );
}

function addImport(checkpoints: Command): void {
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
  const description = 'list, show, compare, edit, delete, export and import checkpoints';
  const checkpoints = program.command('checkpoints').description(description);
  addList(checkpoints);
  addShow(checkpoints);
  addCompare(checkpoints);
  addEdit(checkpoints);
  addDelete(checkpoints);
  addExport(checkpoints);
  addImport(checkpoints);
}
