/** What a benchmark of files is. Each is one object, in a file of its own below suites/. */
import type { Problem } from './problems/problem.ts';
import type { PromptStyle, Template } from './problems/prompts.ts';
import type { Row } from './rows/row.ts';

/** What a row says; how it is put to a model, the template says. */
export type RowProblem = Omit<Problem, 'prompt' | 'templateDigest'>;

/** A split of a public set, and how its files are named on the hub and in the folders that people have. */
export interface Split {
  readonly name: string;
  readonly description: string;
  /** Data set of the Hugging Face hub. */
  readonly repository: string;
  /** Of a file's path; the first pattern that any file fits says which files they are, and all that fit it belong to the split. */
  readonly files: readonly RegExp[];
}

export interface Benchmark<Name extends string = string> {
  /** Small letters and digits. */
  readonly name: Name;
  /** One line, for lists. */
  readonly title: string;
  /** The scorer that fits it. */
  readonly scorer: string;
  /** How its paper puts it to models, or where that is not known, how most do. */
  readonly style: PromptStyle;
  /** What stands around a question; null: a question is put as it is. */
  readonly template: Template | null;
  /** Problem `index` of the set. Published sets have a few rows without a gold answer: those are no problem. */
  read(row: Row, index: number): RowProblem | undefined;
  /** Null for problems that everybody has of their own. */
  readonly published: { readonly license: string; readonly splits: readonly Split[] } | null;
}

/** A benchmark with its name as a type. */
export const defineBenchmark = <const Name extends string>(benchmark: Benchmark<Name>): Benchmark<Name> => benchmark;

/** The pattern of files with this path, whatever folders they lie in. */
export const under = (pattern: string): RegExp => new RegExp(`(?:^|/)${pattern}$`, 'i');

/** JSON lines of this name, also compressed. */
export const jsonLines = (name: string): RegExp => under(`${name}\\.jsonl(?:\\.gz)?`);
