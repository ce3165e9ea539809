/** The problems of a run: which files they come from, and how they are loaded. */
import { importedFile, PAPER_STYLES, publicBenchmark, splitOf, type BenchmarkSpec } from '@hone/benchmarks';
import { invalidArgument } from '@hone/errors';
import { PARTS, type Part, type ProblemsOf } from './problem-parts.ts';
import type { RunFile } from './run-keys.ts';

/** Names the files of what was imported, for parts that name none. */
export async function withImported(run: RunFile, folder: string): Promise<RunFile> {
  const found: [string, ProblemsOf][] = [];
  for (const name of PARTS) {
    const part = run[name];
    if (!part || part.file !== undefined || part.benchmark === 'arithmetic') continue;
    const split = part.split ?? (name === 'test' ? 'test' : 'train');
    splitOf(publicBenchmark(part.benchmark), split);
    found.push([name, { ...part, file: await importedFile(folder, part.benchmark, split) }]);
  }
  return { ...run, ...Object.fromEntries(found) };
}

/** "min_steps" -> "minSteps". */
const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The problems of a part, as they are loaded. */
export function benchmarkOf(run: RunFile, part: Part): BenchmarkSpec {
  const { benchmark, file, offset, count: limit, selection } = run[part]!;
  if (benchmark === 'arithmetic') {
    const stated = Object.entries(run.difficulty ?? {}).filter(([, value]) => value !== undefined);
    const hard = Object.fromEntries(stated.map(([key, value]) => [camel(key), value]));
    return { name: 'arithmetic', split: part, count: limit, seed: BigInt(run.seed), difficulty: hard };
  }
  if (file === undefined) throw invalidArgument(`${part}.file`, 'must be set');
  const style = run.prompt ?? PAPER_STYLES[benchmark];
  const chosen = selection && { ...selection, seed: BigInt(selection.seed) };
  return { name: benchmark, file, style, selection: chosen, offset, limit };
}
