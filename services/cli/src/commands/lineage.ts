import { Checkpoint, DescribeLineageRequest, RecordedEvaluation, type LineageNode } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { z } from 'zod';
import { checkpointName } from '../checkpoint-reference.ts';
import { accuracies } from '../evaluation-lines.ts';
import { shortName } from '../output.ts';
import { withPlatform } from '../platform.ts';
import { homeOf, outputOf } from './common.ts';

/** What of a recipe a lineage tells; a recipe of another origin may lack any of it. */
const recipeFields = z.object({
  scorer: z.object({ name: z.string().optional(), version: z.string().optional() }).optional(),
  templateDigests: z.array(z.string()).optional(),
  spec: z.object({ loss: z.record(z.string(), z.unknown()).optional() }).optional(),
  seed: z.string().optional(),
  codeVersion: z.string().optional(),
});

const SHORT_DIGEST = 12;

/** The loss as its settings: "preference=SIGMOID beta=0.1 nllAlpha=1". */
function lossText(loss: Readonly<Record<string, unknown>>): string {
  const settings = Object.entries(loss).filter(([key]) => key !== 'version');
  return settings.map(([key, value]) => `${key}=${String(value).replace(/^[A-Z]+(?:_TERM)?_/, '')}`).join(' ');
}

/** One checkpoint of a lineage: a line of its own, and indented below what made it and how it scored. */
function nodeLines({ checkpoint, evaluations }: LineageNode, indent: string): string[] {
  const { name, displayName, run, iteration, dataset, recipeJson, origin, deleteTime } = checkpoint!;
  const parsed = recipeFields.safeParse(JSON.parse(recipeJson || '{}'));
  const { scorer, templateDigests = [], spec, seed, codeVersion } = parsed.success ? parsed.data : {};
  const made = run ? `${run} M_${iteration}` : origin.replace('CHECKPOINT_ORIGIN_', '').toLowerCase();
  const facts: [string, string][] = [
    ['data', dataset && shortName(dataset)],
    ['scorer', scorer ? `${scorer.name ?? ''} ${scorer.version ?? ''}` : ''],
    ['template', templateDigests.map((digest) => digest.slice(0, SHORT_DIGEST)).join(' ')],
    ['loss', spec?.loss ? lossText(spec.loss) : ''],
    ['seed', seed ?? ''],
    ['code', codeVersion ?? ''],
    ...evaluations.map(({ evaluation, benchmark }): [string, string] => [
      'scored',
      `${benchmark || shortName(evaluation!.problemSet)}: ${accuracies(evaluation!)}`,
    ]),
  ];
  return [
    `${indent}${shortName(name)}  ${displayName}  (${made}${deleteTime ? ', deleted' : ''})`,
    ...facts.filter(([, text]) => text !== '').map(([fact, text]) => `${indent}    ${fact}: ${text}`),
  ];
}

/** What came of a checkpoint, each below its parent. */
function treeLines(nodes: readonly LineageNode[], parent: string, indent: string): string[] {
  return nodes
    .filter(({ checkpoint }) => checkpoint!.parent === parent)
    .flatMap((node) => [...nodeLines(node, indent), ...treeLines(nodes, node.checkpoint!.name, `${indent}  `)]);
}

const nodeDocument = ({ checkpoint, depth, evaluations }: LineageNode) => {
  const { recipeJson, ...fields } = Checkpoint.toJSON(checkpoint!) as Record<string, unknown>;
  const recipe: unknown = JSON.parse(String(recipeJson ?? '{}'));
  return { ...fields, depth, recipe, evaluations: evaluations.map((one) => RecordedEvaluation.toJSON(one)) };
};

/** `hone lineage`. */
export function addLineageCommand(program: Command): void {
  program
    .command('lineage <checkpoint>')
    .description('what a checkpoint came from, back to its base: run, data, scorer, template, loss, scores of each')
    .option('--descendants', 'also what came of it', false)
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: { descendants: boolean; json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ registry }) => {
        const { descendants } = options;
        const request = DescribeLineageRequest.fromPartial({ name: checkpointName(text), descendants });
        const lineage = await callUnary(registry, 'describeLineage', request);
        const document = {
          ancestors: lineage.ancestors.map(nodeDocument),
          ...(descendants && {
            descendants: lineage.descendants.map(nodeDocument),
            descendant_count: lineage.descendantCount,
          }),
        };
        const hidden = lineage.descendantCount - lineage.descendants.length;
        outputOf(options).result(document, () =>
          [
            ...lineage.ancestors.flatMap((node, index) => nodeLines(node, index === 0 ? '' : '  ← ')),
            ...(descendants ? ['descendants:'] : []),
            ...treeLines(lineage.descendants, lineage.ancestors[0]!.checkpoint!.name, '  → '),
            ...(hidden > 0 ? [`… and ${hidden} more`] : []),
          ].join('\n'),
        );
      });
    });
}
