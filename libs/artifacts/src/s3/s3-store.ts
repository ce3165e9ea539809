import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataLoss, HoneError, notFound, toHoneError } from '@hone/errors';
import type { ArtifactStore } from '../artifact-store.ts';
import { digestOf, isDigest, requireDigest, type Digest } from '../digest.ts';
import { MANIFEST_NAME, parseManifest, type FolderArtifact } from '../directory/folder.ts';
import {
  readJsonLines,
  spoolJsonLines,
  verifyJsonLines,
  type JsonLinesArtifact,
  type NamedSource,
} from '../json/json-lines.ts';
import { cacheFolder, type StoreLocation } from '../location.ts';
import type { ArtifactNote } from '../note.ts';
import type { StoredArtifact } from '../stored-artifact.ts';
import { Bucket, type StoredObject } from './bucket.ts';
import { digestOfStream } from './digest-of-stream.ts';
import { FolderCache } from './folder-cache.ts';
import { listArtifacts } from './list-artifacts.ts';
import { s3Settings, type S3Settings } from './s3-settings.ts';

/** Uploads that are lost between a folder's files and its manifest are made up for so often. */
const UPLOAD_ROUNDS = 3;

/**
 * The store in a bucket: `rows/<digest>.jsonl.gz`, `notes/<digest>.json` and `folders/<digest>/<file>`, of which MANIFEST.json is
 * written last: a folder without it is not there. Objects are written on condition that none is there, so that nothing changes once it is.
 */
export class S3Store implements ArtifactStore {
  readonly #bucket: Bucket;
  readonly #cache: FolderCache;

  private constructor(bucket: Bucket, cache: FolderCache) {
    this.#bucket = bucket;
    this.#cache = cache;
  }

  static async open(
    location: Extract<StoreLocation, { kind: 's3' }>,
    settings: S3Settings = s3Settings(),
  ): Promise<S3Store> {
    const bucket = await Bucket.open(location, settings);
    return new S3Store(bucket, await FolderCache.open(cacheFolder(location), bucket));
  }

  async check(): Promise<void> {
    await this.#bucket.find(rowsKey(digestOf('')));
  }

  putJsonLines(
    rows: AsyncIterable<object> | Iterable<object>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<JsonLinesArtifact> {
    return spoolJsonLines(this.#cache.spoolFolder, rows, options.signal, async (file, { digest }) => {
      const key = rowsKey(digest);
      const found = await this.#bucket.find(key);
      if (!found) await this.#bucket.put(key, file, { overwrite: false });
      else if (await isSound(() => this.#verifyRows(digest))) await this.#bucket.renew(key);
      else await this.#bucket.put(key, file, { overwrite: true });
    });
  }

  readJsonLines<T>(digest: Digest): AsyncGenerator<T, void, undefined> {
    return readJsonLines<T>(this.#rowsSource(digest), digest);
  }

  async hasJsonLines(digest: Digest): Promise<boolean> {
    return (await this.storedBytesOfJsonLines(digest)) !== undefined;
  }

  async storedBytesOfJsonLines(digest: Digest): Promise<number | undefined> {
    return (await this.#bucket.find(rowsKey(digest)))?.bytes;
  }

  async createFolder(write: (folder: string) => Promise<void>): Promise<FolderArtifact> {
    const artifact = await this.#cache.create(write);
    await this.#upload(artifact);
    return artifact;
  }

  async putFolder(source: string): Promise<FolderArtifact> {
    const artifact = await this.#cache.copy(source);
    await this.#upload(artifact);
    return artifact;
  }

  openFolder(digest: Digest, options: { readonly verify?: boolean } = {}): Promise<string> {
    return this.#cache.open(requireDigest(digest), options.verify ?? false, () => this.describeFolder(digest));
  }

  async readFolderText(digest: Digest, file: string): Promise<string | undefined> {
    const { files } = await this.describeFolder(digest);
    return files.some(({ name }) => name === file) ? this.#bucket.readText(folderKey(digest, file)) : undefined;
  }

  async describeFolder(digest: Digest): Promise<FolderArtifact> {
    const key = folderKey(digest, MANIFEST_NAME);
    const text = await this.#bucket.readText(key).catch((error: unknown) => {
      if (
        error instanceof HoneError &&
        error.code === 'NOT_FOUND' &&
        error.metadata['resource'] === this.#bucket.url(key)
      )
        throw notFound(this.#bucket.url(folderKey(digest)), 'no folder with this digest is in the store');
      throw error;
    });
    return parseManifest(text, digest, this.#bucket.url(key));
  }

  async hasFolder(digest: Digest): Promise<boolean> {
    return (await this.#bucket.find(folderKey(digest, MANIFEST_NAME))) !== undefined;
  }

  async putNote({ digest, text }: ArtifactNote): Promise<void> {
    const file = join(this.#cache.spoolFolder, randomUUID());
    try {
      await writeFile(file, text);
      await this.#bucket.put(noteKey(digest), file, { overwrite: true });
    } finally {
      await rm(file, { force: true });
    }
  }

  async *notes(): AsyncGenerator<ArtifactNote, void, undefined> {
    for await (const { key } of this.#bucket.list('notes/')) {
      const digest = /^notes\/([0-9a-f]+)\.json$/.exec(key)?.[1] ?? '';
      if (!isDigest(digest)) continue;
      // Another reader may have removed it meanwhile.
      const text = await this.#bucket.readText(key).catch(isGone);
      if (text !== undefined) yield { digest, text };
    }
  }

  async removeNote(digest: Digest): Promise<void> {
    await this.#bucket.delete([noteKey(digest)]);
  }

  list(): AsyncGenerator<StoredArtifact, void, undefined> {
    return listArtifacts(this.#bucket);
  }

  verify({ kind, digest }: StoredArtifact): Promise<void> {
    return kind === 'rows' ? this.#verifyRows(digest) : this.#verifyFolder(digest);
  }

  /** What makes the artifact be there (rows, a folder's manifest) goes first: from then on no reader sees it. */
  async remove(
    { kind, digest, complete }: StoredArtifact,
    { olderThan }: { readonly olderThan: Date },
  ): Promise<boolean> {
    const headKey = kind === 'rows' ? rowsKey(digest) : folderKey(digest, MANIFEST_NAME);
    const objects: StoredObject[] = [];
    for await (const object of this.#bucket.list(kind === 'rows' ? headKey : `${folderKey(digest)}/`))
      objects.push(object);
    const head = objects.find(({ key }) => key === headKey);
    if (objects.length === 0 || complete !== (head !== undefined)) return false;
    // Files that somebody is still adding to are as young as the newest of them.
    if ((head ? [head] : objects).some(({ modified }) => modified >= olderThan)) return false;
    if (head) await this.#bucket.delete([headKey]);
    await this.#bucket.delete(objects.map(({ key }) => key).filter((key) => key !== headKey));
    if (kind === 'folder') await this.#cache.remove(digest);
    return true;
  }

  async sweep({ olderThan }: { readonly olderThan: Date }): Promise<void> {
    await this.#bucket.abortUploads('', olderThan);
  }

  /** Uploads a cached folder. A sound one that is there is made young; a damaged one is written again. */
  async #upload(artifact: FolderArtifact): Promise<void> {
    const { digest } = artifact;
    const manifest = folderKey(digest, MANIFEST_NAME);
    const isThere = (await this.#bucket.find(manifest)) !== undefined;
    if (isThere && (await isSound(() => this.#verifyFolder(digest)))) return this.#bucket.renew(manifest);
    const names = artifact.files.map(({ name }) => name);
    await this.#uploadFiles(digest, names, isThere);
    await this.#uploadFiles(digest, [MANIFEST_NAME], isThere);
    for (let round = 1; ; round++) {
      const missing = await this.#missing(artifact);
      if (missing.length === 0) return;
      if (round === UPLOAD_ROUNDS) throw dataLoss(this.#bucket.url(missing[0]!), 'disappears while it is stored');
      await this.#uploadFiles(digest, missing, true);
    }
  }

  async #uploadFiles(digest: Digest, names: readonly string[], overwrite: boolean): Promise<void> {
    for (const name of names) {
      await this.#bucket.put(folderKey(digest, name), join(this.#cache.path(digest), name), { overwrite });
    }
  }

  /** Names of files that are not there in full: what an interrupted upload, or a collection at this moment, left. */
  async #missing({ digest, files }: FolderArtifact): Promise<string[]> {
    const found = new Map<string, StoredObject>();
    for await (const object of this.#bucket.list(`${folderKey(digest)}/`)) found.set(object.key, object);
    const missing = files.filter(({ name, bytes }) => found.get(folderKey(digest, name))?.bytes !== bytes);
    const manifest = found.has(folderKey(digest, MANIFEST_NAME)) ? [] : [MANIFEST_NAME];
    return [...missing.map(({ name }) => name), ...manifest];
  }

  #verifyRows(digest: Digest): Promise<void> {
    return verifyJsonLines(this.#rowsSource(digest), digest);
  }

  async #verifyFolder(digest: Digest): Promise<void> {
    const { files } = await this.describeFolder(digest);
    for (const { name, bytes, sha256 } of files) {
      const key = folderKey(digest, name);
      const url = this.#bucket.url(key);
      const found = await this.#bucket.find(key);
      if (!found) throw dataLoss(url, 'is missing');
      if (found.bytes !== bytes) throw dataLoss(url, `has ${found.bytes} bytes, its manifest says ${bytes}`);
      const actual = await digestOfStream(this.#bucket.read(key));
      if (actual !== sha256) throw dataLoss(url, `is damaged: its digest is ${actual}, not ${sha256}`);
    }
  }

  #rowsSource(digest: Digest): NamedSource {
    const key = rowsKey(digest);
    return { name: this.#bucket.url(key), open: () => this.#bucket.read(key) };
  }
}

function rowsKey(digest: Digest): string {
  return `rows/${requireDigest(digest)}.jsonl.gz`;
}

function noteKey(digest: Digest): string {
  return `notes/${requireDigest(digest)}.json`;
}

function isGone(thrown: unknown): undefined {
  if (thrown instanceof HoneError && thrown.code === 'NOT_FOUND') return undefined;
  throw thrown;
}

function folderKey(digest: Digest, file?: string): string {
  const folder = `folders/${requireDigest(digest)}`;
  return file === undefined ? folder : `${folder}/${file}`;
}

/** Whether a check finds no damage; that it could not be made is an error. */
async function isSound(check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (thrown) {
    const error = toHoneError(thrown);
    if (error.code === 'DATA_LOSS') return false;
    throw error;
  }
}
