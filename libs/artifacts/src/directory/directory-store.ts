import { createReadStream } from 'node:fs';
import { access, constants, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { toHoneError } from '@hone/errors';
import type { ArtifactStore } from '../artifact-store.ts';
import {
  createFolderAtomically,
  removeAbandoned,
  syncFolder,
  temporaryName,
  writeFileAtomically,
} from '../files/atomic.ts';
import { isDigest, requireDigest, type Digest } from '../digest.ts';
import { copyFiles, MANIFEST_NAME, readManifest, verifyFolder, writeManifest, type FolderArtifact } from './folder.ts';
import {
  readJsonLines,
  spoolJsonLines,
  verifyJsonLines,
  type JsonLinesArtifact,
  type NamedSource,
} from '../json/json-lines.ts';
import { makePrivateFolder } from '../files/private-folder.ts';
import type { ArtifactNote } from '../note.ts';
import type { StoredArtifact } from '../stored-artifact.ts';

const ROWS_END = '.jsonl.gz';
const NOTE_END = '.json';

/** The store in a directory: `rows/<digest>.jsonl.gz`, `folders/<digest>/` with a MANIFEST.json each, and `notes/<digest>.json`. */
export class DirectoryStore implements ArtifactStore {
  readonly #rows: string;
  readonly #folders: string;
  readonly #notes: string;

  private constructor(root: string) {
    this.#rows = join(root, 'rows');
    this.#folders = join(root, 'folders');
    this.#notes = join(root, 'notes');
  }

  static async open(root: string, onMade?: (folder: string) => void): Promise<DirectoryStore> {
    const store = new DirectoryStore(root);
    try {
      if (makePrivateFolder(root, 'store')) onMade?.(root);
      for (const folder of [store.#rows, store.#folders, store.#notes]) {
        await mkdir(folder, { recursive: true });
        await removeAbandoned(folder);
      }
    } catch (error) {
      throw toHoneError(error);
    }
    return store;
  }

  async check(): Promise<void> {
    try {
      for (const folder of [this.#rows, this.#folders, this.#notes])
        await access(folder, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw toHoneError(error);
    }
  }

  putJsonLines(
    rows: AsyncIterable<object> | Iterable<object>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<JsonLinesArtifact> {
    return spoolJsonLines(this.#rows, rows, options.signal, async (file, { digest }) => {
      await rename(file, this.#rowsFile(digest));
      await syncFolder(this.#rows);
    });
  }

  readJsonLines<T>(digest: Digest): AsyncGenerator<T, void, undefined> {
    return readJsonLines<T>(this.#rowsSource(digest), digest);
  }

  hasJsonLines(digest: Digest): Promise<boolean> {
    return exists(this.#rowsFile(digest));
  }

  async storedBytesOfJsonLines(digest: Digest): Promise<number | undefined> {
    return (await stat(this.#rowsFile(digest)).catch(() => undefined))?.size;
  }

  async createFolder(write: (folder: string) => Promise<void>): Promise<FolderArtifact> {
    let artifact: FolderArtifact | undefined;
    const writeAll = async (temporary: string): Promise<{ name: string }> => {
      await write(temporary);
      artifact = await writeManifest(temporary);
      await this.#renew(artifact);
      return { name: artifact.digest };
    };
    await createFolderAtomically(this.#folders, writeAll, 'keep');
    return artifact!;
  }

  putFolder(source: string): Promise<FolderArtifact> {
    return this.createFolder((folder) => copyFiles(source, folder));
  }

  async openFolder(digest: Digest, options: { readonly verify?: boolean } = {}): Promise<string> {
    const folder = this.#folder(digest);
    await verifyFolder(folder, await readManifest(folder, digest), options.verify ?? false);
    return folder;
  }

  async readFolderText(digest: Digest, file: string): Promise<string | undefined> {
    const { files } = await this.describeFolder(digest);
    return files.some(({ name }) => name === file) ? readFile(join(this.#folder(digest), file), 'utf8') : undefined;
  }

  describeFolder(digest: Digest): Promise<FolderArtifact> {
    return readManifest(this.#folder(digest), digest);
  }

  hasFolder(digest: Digest): Promise<boolean> {
    return exists(this.#folder(digest));
  }

  putNote({ digest, text }: ArtifactNote): Promise<void> {
    return writeFileAtomically(this.#noteFile(digest), text);
  }

  async *notes(): AsyncGenerator<ArtifactNote, void, undefined> {
    for (const name of await readdir(this.#notes)) {
      const digest = name.slice(0, -NOTE_END.length);
      if (!name.endsWith(NOTE_END) || !isDigest(digest)) continue;
      // Another reader may have removed it meanwhile.
      const text = await readFile(join(this.#notes, name), 'utf8').catch(isMissing);
      if (text !== false) yield { digest, text };
    }
  }

  async removeNote(digest: Digest): Promise<void> {
    await rm(this.#noteFile(digest), { force: true });
  }

  async *list(): AsyncGenerator<StoredArtifact, void, undefined> {
    for (const name of await readdir(this.#rows)) {
      const digest = name.slice(0, -ROWS_END.length);
      if (!name.endsWith(ROWS_END) || !isDigest(digest)) continue;
      const found = await stat(join(this.#rows, name)).catch(() => null);
      if (!found) continue;
      yield { kind: 'rows', digest, storedBytes: found.size, storedTime: found.mtime, complete: true };
    }
    for (const digest of (await readdir(this.#folders)).filter(isDigest)) {
      const found = await describe(this.#folder(digest)).catch(() => null);
      if (found) yield { kind: 'folder', digest, ...found, complete: true };
    }
  }

  async verify({ kind, digest }: StoredArtifact): Promise<void> {
    if (kind === 'rows') await verifyJsonLines(this.#rowsSource(digest), digest);
    else await this.openFolder(digest, { verify: true });
  }

  /** Moves the artifact away first: it disappears at once, and one that was stored again at that moment can go back. */
  async remove({ kind, digest }: StoredArtifact, { olderThan }: { readonly olderThan: Date }): Promise<boolean> {
    const path = kind === 'rows' ? this.#rowsFile(digest) : this.#folder(digest);
    const aside = temporaryName(path);
    const moved = await rename(path, aside).then(() => true, isMissing);
    if (!moved) return false;
    const { storedTime } = await describe(aside);
    if (storedTime >= olderThan) {
      await rename(aside, path);
      return false;
    }
    await rm(aside, { recursive: true });
    return true;
  }

  async sweep(options: { readonly olderThan: Date }): Promise<void> {
    for (const folder of [this.#rows, this.#folders, this.#notes]) await removeAbandoned(folder, options.olderThan);
  }

  /**
   * Readies a folder that is stored already for being stored again: a damaged one makes room, a sound one is young again, so
   * that no collection takes it from under its new user.
   */
  async #renew({ digest }: FolderArtifact): Promise<void> {
    const folder = this.#folder(digest);
    try {
      await this.openFolder(digest, { verify: true });
      const now = new Date();
      await utimes(join(folder, MANIFEST_NAME), now, now);
    } catch (error) {
      const { code } = toHoneError(error);
      if (code === 'DATA_LOSS') await this.#discard(folder);
      else if (code !== 'NOT_FOUND') throw error;
    }
  }

  async #discard(path: string): Promise<void> {
    const aside = temporaryName(path);
    if (await rename(path, aside).then(() => true, isMissing)) await rm(aside, { recursive: true });
  }

  #rowsSource(digest: Digest): NamedSource {
    const file = this.#rowsFile(digest);
    return { name: file, open: () => createReadStream(file) };
  }

  #rowsFile(digest: Digest): string {
    return join(this.#rows, `${requireDigest(digest)}${ROWS_END}`);
  }

  #noteFile(digest: Digest): string {
    return join(this.#notes, `${requireDigest(digest)}${NOTE_END}`);
  }

  #folder(digest: Digest): string {
    return join(this.#folders, requireDigest(digest));
  }
}

/** Size and age of a file, or of a folder by all its files; a folder's age is that of its manifest. */
async function describe(path: string): Promise<Pick<StoredArtifact, 'storedBytes' | 'storedTime'>> {
  const found = await stat(path);
  if (!found.isDirectory()) return { storedBytes: found.size, storedTime: found.mtime };
  let storedBytes = 0;
  for (const name of await readdir(path)) storedBytes += (await stat(join(path, name))).size;
  const manifest = await stat(join(path, MANIFEST_NAME)).catch(() => found);
  return { storedBytes, storedTime: manifest.mtime };
}

function isMissing(error: NodeJS.ErrnoException): false {
  if (error.code === 'ENOENT') return false;
  throw toHoneError(error);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
