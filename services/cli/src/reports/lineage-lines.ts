/** Lineages, for people. */
import type { DescribeLineageResponse, LineageNode } from '@hone/contracts';
import { shortName } from '@hone/terminal';
import { z } from 'zod';
import { drawnBy } from './drawn-by.ts';
import { accuracies } from './evaluation-lines.ts';

/** What of a recipe a lineage tells; a recipe of another origin may lack any of it. */
const recipeFields = z.object({
  scorer: z.object({ name: z.string().optional(), version: z.string().optional() }).optional(),
  templateDigests: z.array(z.string()).optional(),
  templateDates: z.array(z.string()).optional(),
  engines: z.array(z.string()).optional(),
  weightPrecisions: z.array(z.string()).optional(),
  spec: z.object({ loss: z.record(z.string(), z.unknown()).optional() }).optional(),
  seed: z.string().optional(),
  codeVersion: z.string().optional(),
  source: z.string().optional(),
});

const SHORT_DIGEST = 12;

/** The loss as its settings: "preference=sigmoid beta=0.1 nllAlpha=1". */
function lossText(loss: Readonly<Record<string, unknown>>): string {
  const { settings: own, ...common } = loss;
  const all = { ...common, ...(own as Readonly<Record<string, unknown>> | undefined) };
  const settings = Object.entries(all).filter(([key]) => key !== 'version');
  const plain = (value: unknown): string =>
    String(value)
      .replace(/^NLL_REDUCTION_/, '')
      .toLowerCase();
  return settings.map(([key, value]) => `${key}=${plain(value)}`).join(' ');
}

/** One checkpoint of a lineage: a line of its own, and indented below what made it and how it scored. */
function nodeLines({ checkpoint, evaluations }: LineageNode, indent: string, arrow = ''): string[] {
  const { name, displayName, run, iteration, dataset, recipeJson, origin, deleteTime } = checkpoint!;
  const parsed = recipeFields.safeParse(JSON.parse(recipeJson || '{}'));
  const {
    scorer,
    templateDigests = [],
    templateDates = [],
    engines = [],
    weightPrecisions = [],
    spec,
    seed,
    codeVersion,
    source,
  } = parsed.success ? parsed.data : {};
  const made = run ? `${run} M_${iteration}` : origin.replace('CHECKPOINT_ORIGIN_', '').toLowerCase();
  const facts: [string, string][] = [
    ['from', source ?? ''],
    ['data', dataset && shortName(dataset)],
    ['scorer', scorer ? `${scorer.name ?? ''} ${scorer.version ?? ''}` : ''],
    ['template', templateDigests.map((digest) => digest.slice(0, SHORT_DIGEST)).join(' ')],
    ['template date', templateDates.join(' ')],
    ['drawn by', drawnBy(engines, weightPrecisions)],
    ['loss', spec?.loss ? lossText(spec.loss) : ''],
    ['seed', seed ?? ''],
    ['code', codeVersion ?? ''],
    ...evaluations.map(({ evaluation, benchmark }): [string, string] => [
      'scored',
      `${benchmark || shortName(evaluation!.problemSet)}: ${accuracies(evaluation!)}`,
    ]),
  ];
  return [
    `${indent}${arrow}${shortName(name)}  ${displayName}  (${made}${deleteTime ? ', deleted' : ''})`,
    ...facts.filter(([, text]) => text !== '').map(([fact, text]) => `${indent}    ${fact}: ${text}`),
  ];
}

/** What came of a checkpoint, each below its parent. */
function treeLines(nodes: readonly LineageNode[], parent: string, indent: string): string[] {
  return nodes
    .filter(({ checkpoint }) => checkpoint!.parent === parent)
    .flatMap((node) => [...nodeLines(node, indent, '→ '), ...treeLines(nodes, node.checkpoint!.name, `${indent}  `)]);
}

/** The line back to the base, and the tree that came of the checkpoint. */
export function lineageText({ ancestors, descendants, descendantCount }: DescribeLineageResponse): string {
  const hidden = descendantCount - descendants.length;
  return [
    ...ancestors.flatMap((node, index) => nodeLines(node, '', index === 0 ? '' : '← ')),
    ...treeLines(descendants, ancestors[0]!.checkpoint!.name, '  '),
    ...(hidden > 0 ? [`… and ${hidden} more that came of it`] : []),
  ].join('\n');
}
