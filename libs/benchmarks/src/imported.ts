/** Benchmarks that were imported: a folder each split, with the rows as they were published and a manifest that is written last. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createFolderAtomically } from '@hone/artifacts';
import { dataLoss, failedPrecondition, notFound } from '@hone/errors';
import { fileBenchmark, type FileBenchmark } from './catalogue.ts';
import { fileProblems } from './files.ts';
import { readRows } from './rows/rows.ts';

/** What was imported. */
export interface ImportedSplit {
  readonly benchmark: FileBenchmark;
  readonly split: string;
  readonly rows: number;
  /** Rows without a gold answer are no problems. */
  readonly problems: number;
  /** sha256 of the uncompressed rows. */
  readonly sha256: string;
  /** Where the rows came from, for people. */
  readonly origin: string;
  readonly license: string;
}

const ROWS = 'rows.jsonl.gz';
const MANIFEST = 'manifest.json';

/** The rows of some files as the text of one JSON-lines file. */
class RowText {
  private readonly hash = createHash('sha256');
  count = 0;

  async *lines(files: readonly string[]): AsyncGenerator<string> {
    for (const file of files)
      for await (const { value } of readRows(file)) {
        const line = `${JSON.stringify(value)}\n`;
        this.hash.update(line);
        this.count += 1;
        yield line;
      }
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

/**
 * Imports the rows of files as a split of a benchmark, after every one of them was read as a problem. The same rows again change
 * nothing; others under the same name are refused.
 */
export async function importSplit(
  parent: string,
  files: readonly string[],
  described: Pick<ImportedSplit, 'benchmark' | 'split' | 'origin' | 'license'>,
): Promise<ImportedSplit> {
  const { benchmark, split } = described;
  let imported: ImportedSplit | undefined;
  const folder = path.join(parent, benchmark);
  const moved = await createFolderAtomically(
    folder,
    async (temporary) => {
      // Read from where they came, so that a fault is told by the name of the file that holds it.
      let problems = 0;
      const reading = fileProblems(fileBenchmark(benchmark), { file: files, style: 'zero-shot', offset: 0, limit: 0 });
      while (!(await reading.next()).done) problems += 1;
      const text = new RowText();
      await pipeline(text.lines(files), createGzip(), createWriteStream(path.join(temporary, ROWS)));
      imported = { ...described, rows: text.count, problems, sha256: text.digest() };
      const manifest = createWriteStream(path.join(temporary, MANIFEST));
      await pipeline([`${JSON.stringify(imported, null, 2)}\n`], manifest);
      return { name: split };
    },
    'keep',
  );
  if (!moved) await requireSame(parent, imported!);
  return imported!;
}

async function requireSame(parent: string, imported: ImportedSplit): Promise<void> {
  const { benchmark, split, sha256 } = imported;
  const there = await describeImported(parent, benchmark, split);
  if (there.sha256 === sha256) return;
  const folder = path.join(parent, benchmark, split);
  throw failedPrecondition(
    'BENCHMARK_EXISTS',
    `${benchmark} ${split} was imported with other rows (from ${there.origin}): remove ${folder} to replace it`,
  );
}

/** The manifest of an imported split. */
export async function describeImported(parent: string, benchmark: string, split: string): Promise<ImportedSplit> {
  const file = path.join(parent, benchmark, split, MANIFEST);
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
      throw notFound(`${benchmark} ${split}`, `import it: hone benchmarks import ${benchmark} --split ${split}`);
    throw thrown;
  });
  try {
    return JSON.parse(text) as ImportedSplit;
  } catch (thrown) {
    throw dataLoss(file, `is damaged (${(thrown as Error).message})`, thrown);
  }
}

/** The rows of an imported split, as a file for `loadBenchmark`. */
export async function importedFile(parent: string, benchmark: string, split: string): Promise<string> {
  await describeImported(parent, benchmark, split);
  return path.join(parent, benchmark, split, ROWS);
}

/** Everything that was imported. */
export async function listImported(parent: string): Promise<ImportedSplit[]> {
  const found: ImportedSplit[] = [];
  for (const benchmark of (await readdir(parent).catch(() => [])).sort())
    for (const split of (await readdir(path.join(parent, benchmark)).catch(() => [])).sort())
      if (!split.startsWith('.')) found.push(await describeImported(parent, benchmark, split));
  return found;
}
