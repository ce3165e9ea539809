/** Problems of a benchmark's files. */
import { invalidArgument } from '@hone/errors';
import type { Benchmark } from './benchmark.ts';
import { checkName } from './problems/check-name.ts';
import type { Problem } from './problems/problem.ts';
import { PROMPT_STYLES, putQuestion, type PromptStyle } from './problems/prompts.ts';
import { readRows } from './rows/rows.ts';
import { selectPart, type Selection } from './problems/selection.ts';

export interface FileOptions {
  /** JSON lines (also .gz), .json or .parquet; several are read one after the other. */
  readonly file: string | readonly string[];
  readonly style: PromptStyle;
  /** Only the held-out problems, or only the others. */
  readonly selection?: Selection | undefined;
  /** Problems to skip. */
  readonly offset: number;
  /** Most problems; 0 means all. */
  readonly limit: number;
}

/**
 * A distinct id. Published sets repeat a few (ARC's MEA_2012_5_8 stands twice in its training set): there the row is added;
 * in a user's own file it is an error.
 */
function distinctId(
  { published }: Benchmark,
  { id, index, location }: { readonly id: string; readonly index: number; readonly location: string },
  ids: ReadonlySet<string>,
): string {
  if (!ids.has(id)) return id;
  if (!published) throw invalidArgument(location, `id "${id}" occurs twice`);
  return `${id}/row-${index}`;
}

/** All problems of the files. */
async function* allProblems(
  benchmark: Benchmark,
  files: readonly string[],
  style: PromptStyle,
): AsyncGenerator<Problem> {
  const ids = new Set<string>();
  let index = -1;
  for (const file of files) {
    for await (const row of readRows(file)) {
      index += 1;
      const problem = benchmark.read(row, index);
      if (!problem) continue;
      const id = distinctId(benchmark, { id: problem.id, index, location: row.location }, ids);
      ids.add(id);
      yield { ...problem, ...putQuestion(benchmark.template, style, problem.question), id };
    }
  }
}

/** Problems of files, one at a time. */
export async function* fileProblems(
  benchmark: Benchmark,
  { file, style, selection, offset, limit }: FileOptions,
): AsyncGenerator<Problem> {
  for (const [field, value] of Object.entries({ offset, limit })) {
    if (!Number.isInteger(value) || value < 0)
      throw invalidArgument(field, `must be a whole number of at least 0, but is ${value}`);
  }
  checkName('style', PROMPT_STYLES, style);
  const files = typeof file === 'string' ? [file] : file;
  const source = (): AsyncGenerator<Problem> => allProblems(benchmark, files, style);
  let index = -1;
  for await (const problem of selection ? selectPart(source, selection) : source()) {
    index += 1;
    if (index < offset) continue;
    yield problem;
    if (limit > 0 && index + 1 >= offset + limit) return;
  }
  if (index < offset) throw invalidArgument(files.join(', '), `holds no problems (after skipping ${offset})`);
}
