/** The benchmarks, and the files of their public sets. */
import type { Benchmark, Split } from './benchmark.ts';
import { checkName } from './problems/check-name.ts';
import * as found from './generated/suites.ts';

/** Name of a benchmark whose problems come from files. */
export type FileBenchmark = (typeof found)[keyof typeof found]['name'];

/** Every file in suites/, by name. */
export const FILE_BENCHMARKS: readonly Benchmark<FileBenchmark>[] = Object.values<Benchmark<FileBenchmark>>(found).sort(
  (left, right) => left.name.localeCompare(right.name),
);

export const fileBenchmark = (name: FileBenchmark): Benchmark<FileBenchmark> =>
  FILE_BENCHMARKS.find((known) => known.name === name)!;

/** A benchmark that is published. */
export type PublicBenchmark = Benchmark<FileBenchmark> & { readonly published: NonNullable<Benchmark['published']> };

const PUBLIC = FILE_BENCHMARKS.filter((benchmark): benchmark is PublicBenchmark => benchmark.published !== null);

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

export function splitOf({ published: { splits } }: PublicBenchmark, name: string): Split {
  checkName(
    'split',
    splits.map((known) => known.name),
    name,
  );
  return splits.find((known) => known.name === name)!;
}

/** Those of some paths that are the files of a split, in order; empty where there are none. */
export function filesOfSplit(paths: readonly string[], { files }: Split): string[] {
  for (const pattern of files) {
    const found = paths.filter((name) => pattern.test(name));
    if (found.length > 0) return found.sort(new Intl.Collator('en', { numeric: true }).compare);
  }
  return [];
}
