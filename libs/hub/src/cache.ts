/** The cache that all libraries of the hub share: `models--org--name/refs/<revision>` names a commit, `snapshots/<commit>/` holds its files. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '@hone/artifacts';
import { hubCache } from './access.ts';

/** A repository of the hub. */
export interface Repository {
  readonly type: 'model' | 'dataset';
  /** `org/name`. */
  readonly name: string;
}

/** What the cache holds of a commit. */
export interface Snapshot {
  readonly commit: string;
  readonly folder: string;
  /** Files below the folder, as the hub names them. */
  readonly files: readonly string[];
}

const COMMIT = /^[0-9a-f]{40}$/;
/** Branches, tags and `refs/pr/1`: nothing that leads out of a folder. */
const REVISION = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[\w./-]+$/;

const storage = ({ type, name }: Repository): string =>
  path.join(hubCache(), [`${type}s`, ...name.split('/')].join('--'));

const refFile = (repository: Repository, revision: string): string | undefined =>
  REVISION.test(revision) ? path.join(storage(repository), 'refs', ...revision.split('/')) : undefined;

async function commitOf(repository: Repository, revision: string): Promise<string | undefined> {
  if (COMMIT.test(revision)) return revision;
  const file = refFile(repository, revision);
  const commit = file && (await readFile(file, 'utf8').catch(() => '')).trim();
  return commit && COMMIT.test(commit) ? commit : undefined;
}

/** What the cache holds of a branch, tag or commit; undefined where it knows nothing of it. */
export async function cachedSnapshot(repository: Repository, revision: string): Promise<Snapshot | undefined> {
  const commit = await commitOf(repository, revision);
  if (commit === undefined) return undefined;
  const folder = path.join(storage(repository), 'snapshots', commit);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      path
        .relative(folder, path.join(entry.parentPath ?? entry.path, entry.name))
        .split(path.sep)
        .join('/'),
    );
  return files.length > 0 ? { commit, folder, files } : undefined;
}

/** Notes which commit a branch or tag meant, so that it can be found again without the hub. */
export async function noteRevision(repository: Repository, revision: string, commit: string): Promise<void> {
  const file = COMMIT.test(revision) ? undefined : refFile(repository, revision);
  if (file === undefined) return;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomically(file, commit);
}

const SHARD = /^(.*)-(\d+)-of-(\d+)(\.\w+)$/;

/** Names of a set's parts that are not there: of `model-00001-of-00002.safetensors` alone the second. */
export function missingShards(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const [, stem, first = '', count = '', ending] = SHARD.exec(file) ?? [];
    if (stem === undefined || Number(count) > 100_000) return [];
    // Parts are numbered from 1, or from 0 (data sets): each names the one that follows it, and the last the first.
    const isFromZero = files.includes(`${stem}-${'0'.padStart(first.length, '0')}-of-${count}${ending}`);
    const last = Number(count) - (isFromZero ? 1 : 0);
    const next = Number(first) >= last ? (isFromZero ? 0 : 1) : Number(first) + 1;
    const name = `${stem}-${String(next).padStart(first.length, '0')}-of-${count}${ending}`;
    return files.includes(name) ? [] : [name];
  });
}
