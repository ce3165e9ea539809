/** Files of a split that lie on this machine. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { filesOfSplit, type Split } from '@hone/benchmarks';
import { notFound } from '@hone/errors';

/** The files of a folder that belong to the split, or the one file that is named itself. */
export async function localFiles(from: string, split: Split): Promise<string[]> {
  const found = await stat(from).catch(() => undefined);
  if (!found) throw notFound(from, 'check the path');
  if (!found.isDirectory()) return [from];
  const names = (await readdir(from, { recursive: true })).map((name) => name.split(path.sep).join('/'));
  // The folder's own name may be a part of the pattern, as in ARC-Challenge/.
  const beside = path.basename(path.resolve(from));
  const files = filesOfSplit(
    names.map((name) => `${beside}/${name}`),
    split,
  );
  if (files.length > 0) return files.map((name) => path.join(from, name.slice(beside.length + 1)));
  throw notFound(`files of split ${split.name} in ${from}`, 'name the file itself, or another folder');
}
