import { Checkpoint, DescribeLineageRequest, RecordedEvaluation, type LineageNode } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { checkpointName } from '../../models/checkpoint-reference.ts';
import { lineageText } from '../../reports/lineage-lines.ts';
import { withPlatform } from '../../platform/platform.ts';
import { homeOf, outputOf } from '../common.ts';

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
        outputOf(options).result(document, () => lineageText(lineage));
      });
    });
}
