/** Which problems an evaluation is about, as a command names them. */
import path from 'node:path';
import {
  BENCHMARK_NAMES,
  DataDigest,
  importedFile,
  loadBenchmark,
  PAPER_STYLES,
  type ArithmeticSplit,
  type BenchmarkName,
  type BenchmarkSpec,
  type Problem,
  type PromptStyle,
} from '@hone/benchmarks';
import { invalidArgument } from '@hone/errors';
import type { Home } from '../platform/home.ts';

/** What a command says of the problems. */
export interface ProblemOptions {
  readonly benchmark: string;
  /** A file of problems instead of what was imported. */
  readonly file?: string;
  readonly split: string;
  readonly prompt?: PromptStyle;
  readonly offset: number;
  readonly limit?: number;
  /** Only so many held-out problems of the split. */
  readonly heldOut?: number;
  /** Draws the held-out problems; a run file's selection has the same default, 0. */
  readonly heldOutSeed?: number;
  readonly seed: bigint;
}

/** Generated problems are endless: so many where no limit is set. */
const GENERATED = 500;

/** Where imported benchmarks lie. */
export const benchmarkFolder = (home: Home): string => path.join(home.root, 'benchmarks');

/** The name, if there is such a benchmark. */
export function benchmarkName(text: string): BenchmarkName {
  if ((BENCHMARK_NAMES as readonly string[]).includes(text)) return text as BenchmarkName;
  throw invalidArgument('--benchmark', `must be one of ${BENCHMARK_NAMES.join(', ')}, but is "${text}"`);
}

/** The prompt style that the options mean: the one named, else the paper's. */
export const styleOf = ({ benchmark, prompt }: ProblemOptions): PromptStyle =>
  prompt ?? PAPER_STYLES[benchmarkName(benchmark)];

/** From options to what is loaded. */
export async function specOf(home: Home, options: ProblemOptions): Promise<BenchmarkSpec> {
  const { split, offset, limit, heldOut, heldOutSeed = 0, seed } = options;
  const name = benchmarkName(options.benchmark);
  if (name === 'arithmetic') {
    if (options.file !== undefined || heldOut !== undefined || offset > 0)
      throw invalidArgument('--benchmark', 'arithmetic is generated: it takes --split, --limit and --seed only');
    return { name, split: split as ArithmeticSplit, count: limit ?? GENERATED, seed };
  }
  if (name === 'jsonl' && options.file === undefined)
    throw invalidArgument('--file', 'must be set for benchmark jsonl, whose problems are your own');
  const file = options.file ?? (await importedFile(benchmarkFolder(home), name, split));
  const selection =
    heldOut === undefined ? undefined : ({ count: heldOut, seed: BigInt(heldOutSeed), part: 'held-out' } as const);
  return { name, file, style: styleOf(options), selection, offset, limit: limit ?? 0 };
}

/** The problems, and the digest of their data behind the last of them. */
export function digestedProblems(spec: BenchmarkSpec): {
  readonly problems: AsyncIterable<Problem>;
  dataDigest(): string;
} {
  const digest = new DataDigest();
  async function* problems(): AsyncGenerator<Problem> {
    for await (const problem of loadBenchmark(spec)) {
      digest.add(problem);
      yield problem;
    }
  }
  return { problems: problems(), dataDigest: () => digest.hex() };
}
