/** Benchmarks: where problems come from and how they are put to a model. */
import { arithmeticProblems, type ArithmeticOptions } from './suites/arithmetic/arithmetic.ts';
import { FILE_BENCHMARKS, fileBenchmark, type FileBenchmark } from './catalogue.ts';
import { checkName } from './problems/check-name.ts';
import { fileProblems, type FileOptions } from './files.ts';
import type { Problem } from './problems/problem.ts';
import type { PromptStyle } from './problems/prompts.ts';

export { arithmeticDemonstrations, arithmeticProblems } from './suites/arithmetic/arithmetic.ts';
export type { ArithmeticOptions, ArithmeticSplit, Demonstration } from './suites/arithmetic/arithmetic.ts';
export { DEFAULT_DIFFICULTY, type Difficulty } from './suites/arithmetic/story.ts';
export {
  arithmeticModelConfig,
  arithmeticTokenizerFiles,
  type ArithmeticModelShape,
} from './suites/arithmetic/tokenizer.ts';
export * from './kit.ts';
export {
  filesOfSplit,
  publicBenchmark,
  publicBenchmarks,
  splitOf,
  type FileBenchmark,
  type PublicBenchmark,
} from './catalogue.ts';
export {
  CONTAMINATION_THRESHOLD,
  ContaminationIndex,
  contentWords,
  findContamination,
  type ContaminationReport,
  type Overlap,
} from './problems/contamination.ts';
export type { FileOptions } from './files.ts';
export { describeImported, importedFile, importSplit, listImported, type ImportedSplit } from './imported.ts';
export { DataDigest, type ChatMessage, type Choice, type Problem, type Prompt } from './problems/problem.ts';
export { PROMPT_STYLES, type PromptStyle } from './problems/prompts.ts';
export { shots } from './shots.ts';
export type { Selection } from './problems/selection.ts';

/** Which problems. */
export type BenchmarkSpec =
  ({ readonly name: 'arithmetic' } & ArithmeticOptions) | ({ readonly name: FileBenchmark } & FileOptions);

export type BenchmarkName = 'arithmetic' | FileBenchmark;

/** What is known of a benchmark besides its problems. */
interface Described {
  readonly name: BenchmarkName;
  /** One line, for lists. */
  readonly title: string;
  readonly scorer: string;
  readonly style: PromptStyle;
}

const ARITHMETIC: Described = {
  name: 'arithmetic',
  title: 'generated word problems with settable difficulty; nothing is imported',
  scorer: 'gsm8k',
  style: 'zero-shot',
};
const ALL: readonly Described[] = [ARITHMETIC, ...FILE_BENCHMARKS];

const byName = <Value>(pick: (benchmark: Described) => Value): Readonly<Record<BenchmarkName, Value>> =>
  Object.fromEntries(ALL.map((benchmark) => [benchmark.name, pick(benchmark)])) as Record<BenchmarkName, Value>;

export const BENCHMARK_NAMES = ALL.map(({ name }) => name);

/** One line on each benchmark. */
export const BENCHMARK_TITLES = byName(({ title }) => title);

/** The scorer that fits a benchmark. */
export const DEFAULT_SCORERS = byName(({ scorer }) => scorer);

/** How the paper puts each benchmark to its models (arXiv 2404.19733, section 3), or another benchmark's own. */
export const PAPER_STYLES = byName(({ style }) => style);

/** The problems of a benchmark, one at a time. Every field of the spec is checked. */
export async function* loadBenchmark(spec: BenchmarkSpec): AsyncGenerator<Problem> {
  checkName('name', BENCHMARK_NAMES, spec.name);
  if (spec.name === 'arithmetic') yield* arithmeticProblems(spec);
  else yield* fileProblems(fileBenchmark(spec.name), spec);
}
export { CHOICES_RULE, parseChoices } from './rows/choices.ts';
export { readJsonLines } from './rows/rows.ts';
