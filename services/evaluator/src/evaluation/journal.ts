/** What a running evaluation has sampled and scored, on disk: a killed one goes on from there. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, digestOf, workFolder } from '@hone/artifacts';
import { EvaluateRequest } from '@hone/contracts';
import { toHoneError } from '@hone/errors';
import { codeVersion } from '@hone/rpc';
import type { JudgedOutcome } from './tally.ts';

const MOST_AGE_DAYS = 14;
const MS_PER_DAY = 86_400_000;

const parentOf = (storeDir: string): string => path.join(workFolder(storeDir), 'evaluations');

/** One judged sample of a pass. */
export interface JournalEntry extends JudgedOutcome {
  readonly pass: 'greedy' | 'majority';
}

/**
 * Judged samples as JSON lines. Each process appends to a file of its own, so that two evaluations of the same never cut each
 * other's lines; a line that a kill cut short is the last of its file and is left out.
 */
export class Journal {
  private readonly folder: string;
  private handle: FileHandle | undefined;

  /** The journal of a request: the same for the same work by the same code, whoever asks for it. */
  constructor(storeDir: string, request: EvaluateRequest) {
    const work = { request: EvaluateRequest.toJSON({ ...request, requestId: '' }), codeVersion: codeVersion() };
    this.folder = path.join(parentOf(storeDir), digestOf(canonicalJson(work)));
  }

  /** What earlier processes judged. */
  async read(): Promise<JournalEntry[]> {
    const names = await readdir(this.folder).catch(() => []);
    const texts = await Promise.all(names.sort().map((name) => readFile(path.join(this.folder, name), 'utf8')));
    return texts.flatMap(entriesOf);
  }

  /** Keeps what was judged; it is on the disk when the promise resolves. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    try {
      this.handle ??= await this.create();
      await this.handle.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      await this.handle.datasync();
    } catch (thrown) {
      throw toHoneError(thrown);
    }
  }

  private async create(): Promise<FileHandle> {
    await mkdir(this.folder, { recursive: true });
    return open(path.join(this.folder, `${randomBytes(6).toString('hex')}.jsonl`), 'ax');
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  /** Nothing is left to go on from. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The entries up to the first line that is not whole. */
function entriesOf(text: string): JournalEntry[] {
  const entries: JournalEntry[] = [];
  // What stands behind the last line's end was cut off.
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      entries.push(JSON.parse(line) as JournalEntry);
    } catch {
      // After a power cut a file may end in bytes that were never written: all behind them is drawn again.
      return entries;
    }
  }
  return entries;
}

/** Removes journals that nobody has come back for. */
export async function sweepJournals(storeDir: string): Promise<void> {
  const parent = parentOf(storeDir);
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = path.join(parent, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > MOST_AGE_DAYS * MS_PER_DAY) await rm(folder, { recursive: true, force: true });
  }
}
