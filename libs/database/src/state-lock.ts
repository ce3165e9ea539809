/** One orchestrator owns a state folder at a time. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isRunning, ownerOf, type ProcessOwner } from '@hone/artifacts';
import { failedPrecondition, toHoneError, type HoneError } from '@hone/errors';

const LOCK_NAME = 'owner.lock';

/**
 * Takes the folder, also from an owner that is dead. The file is made whole under another name and linked, so that a lock
 * is never seen half-written and only one of several takers gets it.
 */
export async function lockStateFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const lock = path.join(folder, LOCK_NAME);
  const mine = path.join(folder, `${LOCK_NAME}.${randomUUID()}`);
  const text = JSON.stringify(await ownerOf(process.pid));
  try {
    await writeFile(mine, text, { flag: 'wx' });
    while (!(await linked(mine, lock))) await removeStale(lock, folder);
  } catch (thrown) {
    throw toHoneError(thrown);
  } finally {
    await rm(mine, { force: true });
  }
  return {
    release: async () => {
      if ((await readOwner(lock)) === text) await rm(lock, { force: true });
    },
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
}

/** Moves a dead owner's lock away; throws where the owner lives. */
async function removeStale(lock: string, folder: string): Promise<void> {
  const text = await readOwner(lock);
  if (text === undefined) return;
  const owner = JSON.parse(text) as ProcessOwner;
  if (owner.host !== hostname() || (await isRunning(owner))) throw inUse(folder, owner, lock);
  // Between reading and moving, another taker may have put its own lock there: that one goes back.
  const moved = `${lock}.${randomUUID()}`;
  await rename(lock, moved).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const found = await readOwner(moved);
  if (found !== undefined && found !== text) await linked(moved, lock);
  await rm(moved, { force: true });
}

async function readOwner(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
}

function inUse(folder: string, owner: ProcessOwner, lock: string): HoneError {
  const who = `process ${owner.pid} on ${owner.host}`;
  return failedPrecondition(
    'STATE_IN_USE',
    `${folder} is in use by ${who}: end that orchestrator, or choose another folder with --state ` +
      `(if it runs no more on ${owner.host}, remove ${lock})`,
    { folder },
  );
}
