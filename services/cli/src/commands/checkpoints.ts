import {
  Checkpoint,
  CompareCheckpointsRequest,
  CompareCheckpointsResponse,
  DeleteCheckpointRequest,
  DescribeLineageRequest,
  GetCheckpointRequest,
  LineageNode,
  ListCheckpointsRequest,
  RecordedEvaluation,
  type EvaluationPair,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { checkpointName } from '../checkpoint-reference.ts';
import { exportCheckpoint } from '../export-checkpoint.ts';
import { accuracies, evaluationTable } from '../evaluation-lines.ts';
import { mebibytes, percent, shortName, table } from '../output.ts';
import { withPlatform, type Clients } from '../platform.ts';
import { makeProgress } from '../progress.ts';
import { importModel } from '../uploads.ts';
import { addEdit } from './edit-checkpoint.ts';
import { homeOf, integer, outputOf, resourceName, seedOption } from './common.ts';

interface ListOptions {
  readonly run: string;
  readonly filter: string;
  readonly orderBy: string;
  readonly deleted: boolean;
  readonly limit: number;
  readonly json: boolean;
}

const MAX_PAGE = 1000;

async function listed({ orchestrator }: Clients, options: ListOptions): Promise<Checkpoint[]> {
  const { run, filter, orderBy, deleted: showDeleted, limit } = options;
  const fields = { run: run && resourceName('runs', run), filter, orderBy, showDeleted };
  const found: Checkpoint[] = [];
  let pageToken = '';
  do {
    const pageSize = Math.min(limit - found.length, MAX_PAGE);
    const request = ListCheckpointsRequest.fromPartial({ ...fields, pageSize, pageToken });
    const page = await callUnary(orchestrator, 'listCheckpoints', request);
    found.push(...page.checkpoints);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && found.length < limit);
  return found;
}

function addList(checkpoints: Command): void {
  checkpoints
    .command('list')
    .description('checkpoints, the newest first')
    .option('--run <run>', 'only those of a run', '')
    .option('--filter <text>', 'such as: labels.team = a AND iteration >= 2 AND create_time > 2026-01-31', '')
    .option('--order-by <fields>', 'such as: iteration desc, create_time', '')
    .option('--deleted', 'also those that were deleted', false)
    .option('--limit <number>', 'most checkpoints', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(async (options: ListOptions, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const found = await listed(clients, options);
        const rows = found.map((item) => [
          shortName(item.name),
          item.origin.replace('CHECKPOINT_ORIGIN_', '').toLowerCase() + (item.deleteTime ? ', deleted' : ''),
          item.run ? `${item.run} M_${item.iteration}` : '',
          `${(Number(item.parameterCount) / 1e6).toFixed(2)} M`,
          item.displayName,
          namesOf(item),
          item.createTime?.toISOString() ?? '',
        ]);
        const head = ['checkpoint', 'origin', 'made by', 'weights', 'name', 'known as', 'created'];
        outputOf(options).result(
          found.map((item) => Checkpoint.toJSON(item)),
          () => (rows.length > 0 ? table(head, rows) : 'no checkpoints'),
        );
      });
    });
}

/** "math@3 math@best": its versions and aliases, as people type them. */
function namesOf({ versions, aliases }: Checkpoint): string {
  const short = versions.map((version) => version.replace(/^models\/(.*)\/versions\//, '$1@'));
  return [...short, ...aliases.map((alias) => alias.slice('models/'.length))].join(' ');
}

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
            checkpoint.name + (checkpoint.deleteTime ? ` (deleted ${checkpoint.deleteTime.toISOString()})` : ''),
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

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${percent(Math.abs(value))}`;

function pairLines({ first, second, comparison }: EvaluationPair): string[] {
  const [one, other] = [first!.evaluation!, second!.evaluation!];
  return [
    `${first!.benchmark || shortName(one.problemSet)}: ${accuracies(one)}  against  ${accuracies(other)}`,
    ...(comparison?.differences ?? []).map(
      ({ measure, difference, lower, upper, problems }) =>
        `  ${measure}: ${signed(difference)} [${signed(lower)}, ${signed(upper)}] over ${problems} problems, paired`,
    ),
    ...(comparison?.mcnemar
      ? [
          `  only the first solves ${comparison.mcnemar.firstOnly}, only the second ${comparison.mcnemar.secondOnly}: ` +
            `p = ${comparison.mcnemar.pValue.toPrecision(3)} (McNemar, exact)`,
        ]
      : []),
    ...(comparison ? [] : ['  the outcomes are not in the store any more: no paired comparison']),
  ];
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

const MAX_VALUE_CHARS = 60;
const brief = (json: string): string =>
  json.length > MAX_VALUE_CHARS ? `${json.slice(0, MAX_VALUE_CHARS)}…` : json || '(none)';

function comparisonText(compared: CompareCheckpointsResponse): string {
  const { first, second, recipe, commonAncestor, evaluations, firstOnly, secondOnly } = compared;
  const rows = recipe.map(({ path, firstJson, secondJson }) => [path, brief(firstJson), brief(secondJson)]);
  const alone = [...firstOnly, ...secondOnly].map(
    ({ evaluation, benchmark }) =>
      `${benchmark || shortName(evaluation!.problemSet)}: ${accuracies(evaluation!)}, ${shortName(evaluation!.checkpoint)} alone`,
  );
  return [
    `first:  ${first!.name}  ${first!.displayName}`,
    `second: ${second!.name}  ${second!.displayName}`,
    `common ancestor: ${commonAncestor ? shortName(commonAncestor) : 'none'}`,
    rows.length > 0 ? table(['recipe', 'first', 'second'], rows) : 'the recipes are the same',
    ...evaluations.flatMap(pairLines),
    ...alone,
  ].join('\n');
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
