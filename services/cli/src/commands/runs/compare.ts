import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { compare, comparisonDocument, type ComparisonResult, type MeasuredRun } from '@hone/comparison';
import { makeProgress, type Output } from '@hone/terminal';
import type { Command } from 'commander';
import { readComparisonFile, type Planned } from '../../comparison/comparison-file.ts';
import { fixedPairs } from '../../comparison/fixed-pairs.ts';
import { measure } from '../../comparison/measure.ts';
import { comparisonMarkdown, comparisonText } from '../../comparison/render.ts';
import { runAll, type Ended } from '../../comparison/run-all.ts';
import { writePlots } from '../../comparison/write-plots.ts';
import { hone } from '../../errors/advice.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { readyToRun } from '../../spec/run-file-options.ts';
import { recipesOf } from '../../spec/recipes.ts';
import { homeOf, integer, outputOf } from '../common.ts';

interface CompareOptions {
  readonly file: string;
  readonly atOnce: number;
  readonly markdown?: string;
  readonly plots?: string;
  readonly json: boolean;
}

/** Everything that was measured of all runs. */
async function measureAll(
  clients: Clients,
  ended: readonly Ended[],
  pairsUnder: ReturnType<typeof fixedPairs>,
  output: Output,
): Promise<MeasuredRun[]> {
  const progress = makeProgress(output);
  progress.phase('measure log-probs');
  const runs: MeasuredRun[] = [];
  try {
    for (const one of ended) {
      runs.push(await measure(clients, one, pairsUnder));
      progress.update(runs.length, ended.length, 'runs');
    }
    return runs;
  } finally {
    progress.stop();
  }
}

/** The reports that options ask for; Markdown links the plots by where they lie beside it. */
async function writeReports(result: ComparisonResult, { markdown, plots }: CompareOptions): Promise<void> {
  const written = plots === undefined ? [] : await writePlots(result, plots);
  if (markdown === undefined) return;
  const links = written.map(({ title, svg }) => ({ title, file: path.relative(path.dirname(markdown), svg) }));
  writeFileSync(markdown, `${comparisonMarkdown(result, links)}\n`);
}

/** `hone compare`. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('methods x seeds beside each other, with paired tests and findings (docs/compare.md)')
    .requiredOption('-f, --file <compare.yaml>', 'what to compare')
    .option('--at-once <number>', 'runs at a time, within the --max-runs of the services', integer(1), 2)
    .option('--markdown <file>', 'write the result as Markdown, too')
    .option('--plots <folder>', 'write accuracy by iteration and by tokens there, as SVG and PNG')
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (options: CompareOptions, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      const { comparison, planned } = readComparisonFile(options.file, await recipesOf(home));
      const ready: Planned[] = [];
      for (const one of planned) ready.push({ ...one, file: await readyToRun(home, one.file) });
      const onStart = (): void => output.line('starting the services …');
      const result = await withPlatform({ home, whole: true, onStart }, async (clients) => {
        const again = hone(`compare -f ${options.file}`);
        const ended = await runAll(clients, ready, { output, atOnce: options.atOnce, again });
        return compare(comparison, await measureAll(clients, ended, fixedPairs(clients, ended, comparison), output));
      });
      await writeReports(result, options);
      output.result(comparisonDocument(result), () => comparisonText(result));
      if (result.methods.some(({ runs }) => runs.some(({ end }) => end === 'failed'))) process.exitCode = 1;
    });
}
