/**
 * Who may work on an operation. Processes that share a store may find it free at the same moment: the right to be its n-th owner is a file
 * that one of them alone can create. The right of a process that is gone is passed over for the next one, never taken away, so that no
 * two can have the same.
 */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isRunning, type ProcessOwner } from '@hone/artifacts';
import { toHoneError } from '@hone/errors';

/** A process on another machine that has not been heard of for so long is gone. */
export const SILENCE_MS = 30_000;

/** Whether a process is there: one of another machine where it was heard of not long ago. */
export async function isThere(owner: ProcessOwner, silentMs: () => Promise<number>): Promise<boolean> {
  if (owner.host === hostname()) return isRunning(owner);
  return (await silentMs()) <= SILENCE_MS;
}

/** The rights to an operation; `fileOf` says where the n-th one is kept. */
export class Claims {
  constructor(
    private readonly fileOf: (generation: number) => string,
    private readonly self: ProcessOwner,
  ) {}

  /** Takes the first right behind the `after`-th that is not another process's; undefined where one is at it. */
  async take(after: number): Promise<number | undefined> {
    for (let generation = after + 1; ; generation++) {
      if (await this.create(generation)) return generation;
      if (await this.isHeld(generation)) return undefined;
    }
  }

  /** Gives up, or is done with, the rights from the first to the last. */
  async release(first: number, last = first): Promise<void> {
    for (let generation = first; generation <= last; generation++) await rm(this.fileOf(generation), { force: true });
  }

  private async create(generation: number): Promise<boolean> {
    try {
      await writeFile(this.fileOf(generation), JSON.stringify(this.self), { flag: 'wx' });
      return true;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw toHoneError(thrown);
    }
  }

  /** Whether somebody is at it. A right that was given back meanwhile was used, or given up for another try. */
  private async isHeld(generation: number): Promise<boolean> {
    const file = this.fileOf(generation);
    try {
      const silentMs = async (): Promise<number> => Date.now() - (await stat(file)).mtimeMs;
      const owner = ownerIn(await readFile(file, 'utf8'));
      // Its writer may be between creating and writing it.
      return owner ? await isThere(owner, silentMs) : (await silentMs()) <= SILENCE_MS;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw toHoneError(thrown);
    }
  }
}

function ownerIn(text: string): ProcessOwner | undefined {
  try {
    return JSON.parse(text) as ProcessOwner;
  } catch {
    return undefined;
  }
}
