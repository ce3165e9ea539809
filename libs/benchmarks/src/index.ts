/** Benchmarks: where problems come from and how they are put to a model. */
import { arithmeticProblems, type ArithmeticOptions } from './suites/arithmetic/arithmetic.ts';
import { checkName } from './problems/check-name.ts';
import { fileProblems, type FileBenchmark, type FileOptions } from './files.ts';
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
export {
  filesOfSplit,
  publicBenchmark,
  publicBenchmarks,
  splitOf,
  type PublicBenchmark,
  type Split,
} from './catalogue.ts';
export {
  CONTAMINATION_THRESHOLD,
  ContaminationIndex,
  contentWords,
  findContamination,
  type ContaminationReport,
  type Overlap,
} from './problems/contamination.ts';
export type { FileBenchmark, FileOptions } from './files.ts';
export { describeImported, importedFile, importSplit, listImported, type ImportedSplit } from './imported.ts';
export { DataDigest, type ChatMessage, type Choice, type Problem, type Prompt } from './problems/problem.ts';
export { PROMPT_STYLES, type PromptStyle } from './problems/prompts.ts';
export { shots } from './shots.ts';
export type { Selection } from './problems/selection.ts';

/** Which problems. */
export type BenchmarkSpec =
  ({ readonly name: 'arithmetic' } & ArithmeticOptions) | ({ readonly name: FileBenchmark } & FileOptions);

/** The scorer that fits a benchmark; a user's own problems name theirs. */
export const DEFAULT_SCORERS = {
  arithmetic: 'gsm8k',
  gsm8k: 'gsm8k',
  math: 'math',
  arc: 'choice',
  jsonl: 'exact',
} as const;

/** How the paper puts each benchmark to its models (arXiv 2404.19733, section 3). */
export const PAPER_STYLES = {
  arithmetic: 'zero-shot',
  gsm8k: 'zero-shot',
  math: 'few-shot',
  arc: 'zero-shot',
  jsonl: 'zero-shot',
} as const satisfies Record<keyof typeof DEFAULT_SCORERS, PromptStyle>;

export type BenchmarkName = keyof typeof DEFAULT_SCORERS;
export const BENCHMARK_NAMES = Object.keys(DEFAULT_SCORERS) as BenchmarkName[];

/** The problems of a benchmark, one at a time. Every field of the spec is checked. */
export async function* loadBenchmark(spec: BenchmarkSpec): AsyncGenerator<Problem> {
  checkName('name', BENCHMARK_NAMES, spec.name);
  if (spec.name === 'arithmetic') yield* arithmeticProblems(spec);
  else yield* fileProblems(spec.name, spec);
}
export { CHOICES_RULE, parseChoices } from './suites/choices.ts';
export { readJsonLines } from './rows/rows.ts';
