/** What is known of the benchmarks: where the public sets come from, their splits, and how their files are found. */
import { checkName } from './problems/check-name.ts';
import type { FileBenchmark } from './files.ts';

/** A split of a public set, and how its files are named on the hub and in the folders that people have. */
export interface Split {
  readonly name: string;
  readonly description: string;
  /** Data set of the Hugging Face hub. */
  readonly repository: string;
  /** Of a file's path; the first pattern that any file fits says which files they are, and all that fit it belong to the split. */
  readonly files: readonly RegExp[];
}

/** A benchmark whose problems come from files. */
export interface PublicBenchmark {
  readonly name: FileBenchmark;
  readonly title: string;
  readonly license: string;
  readonly splits: readonly Split[];
}

const under = (pattern: string): RegExp => new RegExp(`(?:^|/)${pattern}$`, 'i');
const plain = (name: string): RegExp => under(`${name}\\.jsonl(?:\\.gz)?`);

const gsm8kSplit = (name: string, description: string): Split => ({
  name,
  description,
  repository: 'openai/gsm8k',
  files: [under(`main/${name}-[\\d-]+of-\\d+\\.parquet`), plain(name)],
});

const mathSplit = (name: string, description: string): Split => ({
  name,
  description,
  repository: 'EleutherAI/hendrycks_math',
  files: [
    under(`[a-z_]+/${name}-[\\d-]+of-\\d+\\.parquet`),
    plain(name),
    // The original archive: a file each problem.
    under(`${name}/[a-z_]+/\\d+\\.json`),
  ],
});

const arcSplit = (name: string, description: string, sets: string, hubSplit: string, fileSplit: string): Split => ({
  name,
  description,
  repository: 'allenai/ai2_arc',
  files: [
    under(`ARC-(?:${sets})/${hubSplit}-[\\d-]+of-\\d+\\.parquet`),
    under(`ARC-(?:${sets})-${fileSplit}(?:-4choice)?\\.jsonl(?:\\.gz)?`),
  ],
});

const PUBLIC: readonly PublicBenchmark[] = [
  {
    name: 'gsm8k',
    title: 'GSM8K: grade-school word problems (arXiv 2110.14168)',
    license: 'MIT',
    splits: [gsm8kSplit('test', '1,319 problems'), gsm8kSplit('train', '7,473 problems')],
  },
  {
    name: 'math',
    title: 'MATH: problems of competitions in seven subjects and five levels (arXiv 2103.03874)',
    license: 'MIT',
    splits: [
      mathSplit('test', '5,000 problems'),
      mathSplit('train', '7,500 problems'),
      {
        name: 'math500',
        description: '500 of the test problems (arXiv 2305.20050)',
        repository: 'HuggingFaceH4/MATH-500',
        files: [under('(?:math500|test)\\.jsonl(?:\\.gz)?')],
      },
    ],
  },
  {
    name: 'arc',
    title: 'ARC: science questions of schools with three to five options (arXiv 1803.05457)',
    license: 'CC BY-SA 4.0',
    splits: [
      arcSplit('test', 'Challenge, 1,172 problems', 'Challenge', 'test', 'Test'),
      arcSplit('validation', 'Challenge, 299 problems', 'Challenge', 'validation', 'Dev'),
      arcSplit('train', 'Challenge and Easy, 3,370 problems, as in the paper', 'Challenge|Easy', 'train', 'Train'),
      arcSplit('easy-test', 'Easy, 2,376 problems', 'Easy', 'test', 'Test'),
      arcSplit('easy-validation', 'Easy, 570 problems', 'Easy', 'validation', 'Dev'),
    ],
  },
];

/** The public sets. */
export const publicBenchmarks = (): readonly PublicBenchmark[] => PUBLIC;

export function publicBenchmark(name: string): PublicBenchmark {
  checkName(
    'benchmark',
    PUBLIC.map((known) => known.name),
    name,
  );
  return PUBLIC.find((known) => known.name === name)!;
}

export function splitOf(benchmark: PublicBenchmark, name: string): Split {
  checkName(
    'split',
    benchmark.splits.map((known) => known.name),
    name,
  );
  return benchmark.splits.find((known) => known.name === name)!;
}

/** Those of some paths that are the files of a split, in order; empty where there are none. */
export function filesOfSplit(paths: readonly string[], { files }: Split): string[] {
  for (const pattern of files) {
    const found = paths.filter((name) => pattern.test(name));
    if (found.length > 0) return found.sort(new Intl.Collator('en', { numeric: true }).compare);
  }
  return [];
}
