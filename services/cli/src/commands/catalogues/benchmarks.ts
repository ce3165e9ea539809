import { statSync } from 'node:fs';
import {
  BENCHMARK_NAMES,
  BENCHMARK_TITLES,
  CONTAMINATION_THRESHOLD,
  DEFAULT_SCORERS,
  describeImported,
  findContamination,
  importedFile,
  importSplit,
  listImported,
  loadBenchmark,
  PAPER_STYLES,
  publicBenchmark,
  publicBenchmarks,
  splitOf,
  type BenchmarkSpec,
  type ImportedSplit,
  type Problem,
} from '@hone/benchmarks';
import { downloadSplit, localFiles } from '@hone/hub';
import { table } from '@hone/terminal';
import type { Command } from 'commander';
import { benchmarkFolder, benchmarkName, specOf } from '../../evaluation/problems.ts';
import { homeOf, integer, number, outputOf } from '../common.ts';

function addList(benchmarks: Command): void {
  benchmarks
    .command('list')
    .description('benchmarks, and which of their splits are imported')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }, command: Command) => {
      const imported = await listImported(benchmarkFolder(homeOf(command)));
      const documents = BENCHMARK_NAMES.map((name) => ({
        name,
        title: BENCHMARK_TITLES[name],
        scorer: DEFAULT_SCORERS[name],
        prompt: PAPER_STYLES[name],
        splits:
          publicBenchmarks()
            .find((known) => known.name === name)
            ?.published.splits.map((split) => split.name) ?? [],
        imported: imported.filter(({ benchmark }) => benchmark === name),
      }));
      outputOf(options).result(documents, () =>
        table(
          ['benchmark', 'what it is', 'scorer', 'splits', 'imported'],
          documents.map(({ name, title, scorer, splits, imported: here }) => [
            ...[name, title, scorer, splits.join(', ')],
            here.map(({ split, problems }) => `${split} (${problems})`).join(', '),
          ]),
        ),
      );
    });
}

interface ShowOptions {
  readonly split: string;
  readonly file?: string;
  readonly prompt?: BenchmarkPrompt;
  readonly limit: number;
  readonly json: boolean;
}
type BenchmarkPrompt = NonNullable<Parameters<typeof specOf>[1]['prompt']>;

const shownPrompt = ({ prompt }: Problem): string =>
  prompt.kind === 'text' ? prompt.text : prompt.messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n');

function addShow(benchmarks: Command): void {
  benchmarks
    .command('show <benchmark>')
    .description('where a split came from, and its first problems as a model sees them')
    .option('--split <name>', 'which split', 'test')
    .option('--file <file>', 'a file of problems instead of what was imported')
    .option('--prompt <style>', "how problems are put (default: the paper's)")
    .option('--limit <number>', 'problems to show', integer(1), 1)
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: ShowOptions, command: Command) => {
      const home = homeOf(command);
      const benchmark = benchmarkName(name);
      const spec = await specOf(home, { ...options, benchmark, offset: 0, seed: 0n });
      const problems: Problem[] = [];
      for await (const problem of loadBenchmark(spec)) problems.push(problem);
      const isImported = options.file === undefined && benchmark !== 'arithmetic' && benchmark !== 'jsonl';
      const imported = isImported ? await describeImported(benchmarkFolder(home), benchmark, options.split) : undefined;
      const templates = [...new Set(problems.map(({ templateDigest }) => templateDigest))];
      const document = {
        benchmark,
        title: BENCHMARK_TITLES[benchmark],
        scorer: DEFAULT_SCORERS[benchmark],
        imported,
        templates,
        problems,
      };
      outputOf(options).result(document, () =>
        [
          `${benchmark}: ${document.title}; scorer ${document.scorer}`,
          ...(imported ? [describe(imported)] : []),
          ...problems.map((problem) => `\n--- ${problem.id}\n${shownPrompt(problem)}\n--- gold: ${problem.gold}`),
        ].join('\n'),
      );
    });
}

const describe = ({ benchmark, split, problems, rows, origin, license, sha256 }: ImportedSplit): string =>
  `${benchmark} ${split}: ${problems} problems of ${rows} rows, from ${origin} (${license}), sha256 ${sha256}`;

interface ImportOptions {
  readonly split: readonly string[];
  readonly from?: string;
  readonly json: boolean;
}

function addImport(benchmarks: Command): void {
  benchmarks
    .command('import <benchmark>')
    .description('bring in a public set, from the Hugging Face hub or from a folder')
    .option(
      '--split <name>',
      'which split; may be given several times (default: test)',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option('--from <folder>', 'a folder with the files, or one file, instead of the hub')
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: ImportOptions, command: Command) => {
      const known = publicBenchmark(name);
      const parent = benchmarkFolder(homeOf(command));
      const splits = (options.split.length > 0 ? options.split : ['test']).map((split) => splitOf(known, split));
      if (splits.length > 1 && isFile(options.from))
        command.error(`error: ${options.from} is one file: give one --split, or the folder with the files of each`);
      const imported: ImportedSplit[] = [];
      for (const split of splits) {
        const { files, origin } = await filesFor(split, options.from);
        const described = { benchmark: known.name, split: split.name, origin, license: known.published.license };
        imported.push(await importSplit(parent, files, described));
      }
      outputOf(options).result(imported, () => imported.map(describe).join('\n'));
    });
}

const isFile = (name: string | undefined): boolean =>
  name !== undefined && statSync(name, { throwIfNoEntry: false })?.isFile() === true;

async function filesFor(
  split: ReturnType<typeof splitOf>,
  from: string | undefined,
): Promise<{ files: readonly string[]; origin: string }> {
  if (from !== undefined) return { files: await localFiles(from, split), origin: from };
  const { files, commit } = await downloadSplit(split, (file, bytes) =>
    process.stderr.write(`${split.repository}: ${file}, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`),
  );
  return { files, origin: `${split.repository}@${commit}` };
}

interface ContaminationOptions {
  readonly benchmark: string;
  readonly threshold: number;
  readonly limit: number;
  readonly json: boolean;
}

/** Overlaps that are listed for people. */
const MOST_LISTED = 20;

function addContamination(benchmarks: Command): void {
  benchmarks
    .command('contamination <train> <test>')
    .description('test problems that stand among training problems; each a file or an imported split')
    .requiredOption('--benchmark <name>', 'how the problems are read: gsm8k, math, arc or jsonl')
    .option(
      '--threshold <share>',
      'least share of a test problem that counts as a near duplicate',
      number,
      CONTAMINATION_THRESHOLD,
    )
    .option('--limit <number>', 'overlaps to list', integer(0), MOST_LISTED)
    .option('--json', 'as JSON, with all overlaps', false)
    .action(async (train: string, test: string, options: ContaminationOptions, command: Command) => {
      const benchmark = benchmarkName(options.benchmark);
      if (benchmark === 'arithmetic') command.error('error: the splits of arithmetic never share a problem');
      const parent = benchmarkFolder(homeOf(command));
      const isSplit = (named: string): boolean =>
        publicBenchmarks().some(
          ({ name, published }) => name === benchmark && published.splits.some((split) => split.name === named),
        );
      const problems = async (named: string): Promise<AsyncIterable<Problem>> => {
        const file = isSplit(named) ? await importedFile(parent, benchmark, named) : named;
        return loadBenchmark({ name: benchmark, file, style: 'zero-shot', offset: 0, limit: 0 } as BenchmarkSpec);
      };
      const report = await findContamination(await problems(train), await problems(test), options.threshold);
      const { overlaps, trainProblems, testProblems } = report;
      const exact = overlaps.filter((overlap) => overlap.exact).length;
      const document = {
        train_problems: trainProblems,
        test_problems: testProblems,
        threshold: report.threshold,
        exact,
        near: overlaps.length - exact,
        overlaps: overlaps.map(({ testId, trainId, exact: same, similarity }) => ({
          test: testId,
          train: trainId,
          exact: same,
          similarity,
        })),
      };
      outputOf(options).result(document, () =>
        [
          `${overlaps.length} of ${testProblems} test problems stand among ${trainProblems} training problems: ${exact} equal, ${overlaps.length - exact} nearly`,
          ...(overlaps.length > 0 && options.limit > 0
            ? [
                table(
                  ['test problem', 'training problem', 'similarity'],
                  overlaps
                    .slice(0, options.limit)
                    .map(({ testId, trainId, exact: same, similarity }) => [
                      testId,
                      trainId,
                      same ? 'equal' : similarity.toFixed(2),
                    ]),
                ),
              ]
            : []),
        ].join('\n'),
      );
    });
}

/** `hone benchmarks …`. */
export function addBenchmarkCommands(program: Command): void {
  const benchmarks = program
    .command('benchmarks')
    .description('list, show and import benchmarks, and check them against training data');
  addList(benchmarks);
  addShow(benchmarks);
  addImport(benchmarks);
  addContamination(benchmarks);
}
