import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { dataLoss, toHoneError } from '@hone/errors';
import { createFolderAtomically, removeAbandoned } from '../files/atomic.ts';
import { digestOfFile, isDigest, type Digest } from '../digest.ts';
import { DirectoryStore } from '../directory/directory-store.ts';
import { MANIFEST_NAME, manifestText, type FolderArtifact } from '../directory/folder.ts';
import type { Bucket } from './bucket.ts';

/** Cached folders that nobody has opened for so long are removed when the cache is opened. */
const UNUSED_AFTER_MS = 14 * 24 * 60 * 60 * 1000;

/** Local copies of a bucket's folders by digest, each verified when it came in. It may be removed at any time. */
export class FolderCache {
  /** Where rows lie until they are uploaded. */
  readonly spoolFolder: string;
  readonly #folders: string;
  readonly #store: DirectoryStore;
  readonly #bucket: Bucket;
  /** Several may ask for the same folder at once. */
  readonly #downloads = new Map<Digest, Promise<void>>();

  private constructor(root: string, store: DirectoryStore, bucket: Bucket) {
    this.spoolFolder = join(root, 'spool');
    this.#folders = join(root, 'folders');
    this.#store = store;
    this.#bucket = bucket;
  }

  static async open(root: string, bucket: Bucket): Promise<FolderCache> {
    const cache = new FolderCache(root, await DirectoryStore.open(root), bucket);
    try {
      await mkdir(cache.spoolFolder, { recursive: true });
      await removeAbandoned(cache.spoolFolder);
      await cache.#removeUnused();
    } catch (error) {
      throw toHoneError(error);
    }
    return cache;
  }

  /** Where a cached folder lies. */
  path(digest: Digest): string {
    return join(this.#folders, digest);
  }

  create(write: (folder: string) => Promise<void>): Promise<FolderArtifact> {
    return this.#store.createFolder(write);
  }

  copy(source: string): Promise<FolderArtifact> {
    return this.#store.putFolder(source);
  }

  /** The path of a folder, which is downloaded where it is missing here, or damaged. */
  async open(digest: Digest, verify: boolean, describe: () => Promise<FolderArtifact>): Promise<string> {
    if (await this.#isSound(digest, verify)) {
      const now = new Date();
      await utimes(join(this.path(digest), MANIFEST_NAME), now, now);
      return this.path(digest);
    }
    let download = this.#downloads.get(digest);
    if (!download) {
      download = this.#download(digest, describe).finally(() => this.#downloads.delete(digest));
      this.#downloads.set(digest, download);
    }
    await download;
    return this.path(digest);
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.path(digest), { recursive: true, force: true });
  }

  async #isSound(digest: Digest, verify: boolean): Promise<boolean> {
    if (!(await this.#store.hasFolder(digest))) return false;
    try {
      await this.#store.openFolder(digest, { verify });
      return true;
    } catch (thrown) {
      const error = toHoneError(thrown);
      if (error.code !== 'DATA_LOSS' && error.code !== 'NOT_FOUND') throw error;
      await this.remove(digest);
      return false;
    }
  }

  async #download(digest: Digest, describe: () => Promise<FolderArtifact>): Promise<void> {
    const { files } = await describe();
    const fetchAll = async (temporary: string): Promise<{ name: string }> => {
      for (const { name, sha256 } of files) {
        const key = `folders/${digest}/${name}`;
        const url = this.#bucket.url(key);
        if (!(await this.#bucket.find(key))) throw dataLoss(url, 'is missing');
        const file = join(temporary, name);
        await pipeline(this.#bucket.read(key), createWriteStream(file));
        const actual = await digestOfFile(file);
        if (actual !== sha256) throw dataLoss(url, `is damaged: its digest is ${actual}, not ${sha256}`);
      }
      await writeFile(join(temporary, MANIFEST_NAME), manifestText(files));
      return { name: digest };
    };
    await createFolderAtomically(this.#folders, fetchAll, 'keep');
  }

  async #removeUnused(): Promise<void> {
    for (const digest of (await readdir(this.#folders)).filter(isDigest)) {
      const manifest = await stat(join(this.path(digest), MANIFEST_NAME)).catch(() => null);
      if (!manifest || Date.now() - manifest.mtimeMs > UNUSED_AFTER_MS) await this.remove(digest);
    }
  }
}
