import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { HoneError, toHoneError } from '@hone/errors';

const PREFIX = '.hone-tmp';
/** Past this time without a write a temporary belongs to nobody, whatever lives under its process number. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
/**
 * Where a process number means anything: containers may share a host's name and a folder, but not the numbers of their
 * processes.
 */
const MACHINE = `${hostname()}${processNamespace()}`;

/** A name beside the final one (rename must not cross file systems) that says which process is writing it. */
export function temporaryName(target: string): string {
  const random = randomBytes(6).toString('hex');
  return join(dirname(target), `${PREFIX}~${MACHINE}~${process.pid}~${random}~${basename(target)}`);
}

/**
 * Writes a file so that a reader sees all of it or nothing, also after a power cut: temporary name, fsync, rename. On an
 * error nothing is left behind, and a full disk is `RESOURCE_EXHAUSTED`.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array | ((handle: FileHandle) => Promise<void>),
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await (typeof content === 'function' ? content(handle) : handle.writeFile(content));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(error, file);
  }
}

/**
 * Makes a folder so that a reader sees all of it or nothing: `write` fills a temporary folder, every file in it is
 * synced, then it takes its name. `name` may depend on the content (a digest). An existing folder with files in it is
 * kept: `false` is returned and what was written is dropped, or `ALREADY_EXISTS` is thrown where `whenExists` says so.
 */
export async function createFolderAtomically(
  parent: string,
  write: (temporary: string) => Promise<{ readonly name: string }>,
  whenExists: 'keep' | 'fail',
): Promise<boolean> {
  const temporary = temporaryName(join(parent, 'folder'));
  try {
    await mkdir(temporary, { recursive: true });
    const { name } = await write(temporary);
    for (const file of await readdir(temporary)) await syncFile(join(temporary, file));
    await syncFolder(temporary);
    const moved = await rename(temporary, join(parent, name)).then(() => true, existsAlready);
    if (!moved && whenExists === 'fail') throw alreadyExists(join(parent, name));
    await syncFolder(parent);
    return moved;
  } catch (error) {
    throw writeError(error, parent);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The error of a failed write. A full disk is reported by the system without a path, or with that of a copy's source, so
 * the path that is full is named here.
 */
export function writeError(error: unknown, target: string): HoneError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return toHoneError(Object.assign(error as Error, { path: target }));
  return toHoneError(error);
}

function existsAlready(error: NodeJS.ErrnoException): false {
  if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '')) return false;
  throw error;
}

function alreadyExists(folder: string): HoneError {
  return new HoneError({
    code: 'ALREADY_EXISTS',
    reason: 'FOLDER_EXISTS',
    message: `${folder} exists already: choose another name or remove it`,
    metadata: { folder },
  });
}

/** Forces a file's bytes to the disk. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Forces a folder's list of names to the disk, without which a rename may be lost. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes temporaries in `folder` that a killed process left; those of a living process stay. What another machine wrote, or
 * a process whose number another one has now, goes once nobody has written to it since `olderThan`.
 */
export async function removeAbandoned(
  folder: string,
  olderThan: Date = new Date(Date.now() - ABANDONED_AFTER_MS),
): Promise<void> {
  for (const name of await readdir(folder)) {
    const [prefix, machine, pid] = name.split('~');
    if (prefix !== PREFIX) continue;
    const path = join(folder, name);
    const isDead = machine === MACHINE && !isAlive(Number(pid));
    if (isDead || (await lastWrite(path)) < olderThan.getTime()) await rm(path, { recursive: true, force: true });
  }
}

function processNamespace(): string {
  try {
    return `.${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}`;
  } catch {
    // No such thing on this system.
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a file, or a folder or anything in it, was written last; what is gone meanwhile counts as new. */
async function lastWrite(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null) return Infinity;
  if (!found.isDirectory()) return found.mtimeMs;
  const inside = await Promise.all((await readdir(path).catch(() => [])).map((name) => lastWrite(join(path, name))));
  return Math.max(found.mtimeMs, ...inside);
}
