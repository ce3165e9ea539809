import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHoneError } from '@hone/errors';
import type { ArtifactStore } from './artifact-store.ts';
import { createFolderAtomically, removeAbandoned, syncFolder, temporaryName, writeError } from './atomic.ts';
import { requireDigest, type Digest } from './digest.ts';
import { copyFiles, readManifest, verifyFolder, writeManifest, type FolderArtifact } from './folder.ts';
import { readJsonLines, writeJsonLines, type JsonLinesArtifact } from './json-lines.ts';

/** The store in a directory: `rows/<digest>.jsonl.gz` and `folders/<digest>/` with a MANIFEST.json each. */
export class DirectoryStore implements ArtifactStore {
  readonly #rows: string;
  readonly #folders: string;

  private constructor(root: string) {
    this.#rows = join(root, 'rows');
    this.#folders = join(root, 'folders');
  }

  static async open(root: string): Promise<DirectoryStore> {
    const store = new DirectoryStore(root);
    try {
      for (const folder of [store.#rows, store.#folders]) {
        await mkdir(folder, { recursive: true });
        await removeAbandoned(folder);
      }
    } catch (error) {
      throw toHoneError(error);
    }
    return store;
  }

  async putJsonLines(
    rows: AsyncIterable<object> | Iterable<object>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<JsonLinesArtifact> {
    // The name is known only after the last row, so the temporary cannot be named after it.
    const temporary = temporaryName(join(this.#rows, 'rows'));
    try {
      const handle = await open(temporary, 'wx');
      let artifact: JsonLinesArtifact;
      try {
        artifact = await writeJsonLines(handle, rows, options.signal);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.#rowsFile(artifact.digest));
      await syncFolder(this.#rows);
      return artifact;
    } catch (error) {
      throw writeError(error, this.#rows);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  readJsonLines<T>(digest: Digest): AsyncGenerator<T, void, undefined> {
    return readJsonLines<T>(this.#rowsFile(digest), digest);
  }

  hasJsonLines(digest: Digest): Promise<boolean> {
    return exists(this.#rowsFile(digest));
  }

  async createFolder(write: (folder: string) => Promise<void>): Promise<FolderArtifact> {
    let artifact: FolderArtifact | undefined;
    const writeAll = async (temporary: string): Promise<{ name: string }> => {
      await write(temporary);
      artifact = await writeManifest(temporary);
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

  describeFolder(digest: Digest): Promise<FolderArtifact> {
    return readManifest(this.#folder(digest), digest);
  }

  hasFolder(digest: Digest): Promise<boolean> {
    return exists(this.#folder(digest));
  }

  #rowsFile(digest: Digest): string {
    return join(this.#rows, `${requireDigest(digest)}.jsonl.gz`);
  }

  #folder(digest: Digest): string {
    return join(this.#folders, requireDigest(digest));
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
