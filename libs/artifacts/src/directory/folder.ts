import { constants, copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dataLoss, invalidArgument, notFound } from '@hone/errors';
import { canonicalJson } from '../json/canonical-json.ts';
import { digestOf, digestOfFile, type Digest } from '../digest.ts';

/** One file of a stored folder. */
export interface ManifestEntry {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: Digest;
}

/** What a stored folder is; its digest is that of its MANIFEST.json. */
export interface FolderArtifact {
  readonly digest: Digest;
  readonly bytes: number;
  readonly files: readonly ManifestEntry[];
}

export const MANIFEST_NAME = 'MANIFEST.json';

/** Lists and hashes a folder's files and writes the manifest, last: a folder without one was never finished. */
export async function writeManifest(folder: string): Promise<FolderArtifact> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: ManifestEntry[] = [];
  for (const entry of entries.filter(({ name }) => name !== MANIFEST_NAME)) {
    const file = join(folder, entry.name);
    if (!entry.isFile()) throw invalidArgument(file, 'a stored folder holds plain files only');
    files.push({ name: entry.name, bytes: (await stat(file)).size, sha256: await digestOfFile(file) });
  }
  if (files.length === 0) throw invalidArgument(folder, 'has no files to store');
  files.sort((left, right) => (left.name < right.name ? -1 : 1));
  const manifest = manifestText(files);
  await writeFile(join(folder, MANIFEST_NAME), manifest);
  return artifactOf(digestOf(manifest), files);
}

/** What a folder's MANIFEST.json says. */
export function manifestText(files: readonly ManifestEntry[]): string {
  return `${canonicalJson({ version: 1, files })}\n`;
}

/** Reads a stored folder's manifest and checks it against the folder's digest. */
export async function readManifest(folder: string, digest: Digest): Promise<FolderArtifact> {
  const file = join(folder, MANIFEST_NAME);
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    if (await stat(folder).catch(() => null)) throw dataLoss(file, 'is missing');
    throw notFound(folder, 'no folder with this digest is in the store');
  });
  return parseManifest(text, digest, file);
}

/** Reads a manifest's text and checks it against the folder's digest; errors name `file`. */
export function parseManifest(text: string, digest: Digest, file: string): FolderArtifact {
  if (digestOf(text) !== digest) throw dataLoss(file, `is damaged: its digest is ${digestOf(text)}`);
  const { files } = JSON.parse(text) as { files: ManifestEntry[] };
  const strange = files.find(({ name }) => name !== basename(name) || name === '.' || name === '..' || name === '');
  if (strange) throw dataLoss(file, `names a file outside its folder: ${JSON.stringify(strange.name)}`);
  return artifactOf(digest, files);
}

/** Finds missing and damaged files. Sizes are always compared; contents, which takes reading them, where asked. */
export async function verifyFolder(folder: string, artifact: FolderArtifact, contents: boolean): Promise<void> {
  for (const entry of artifact.files) {
    const file = join(folder, entry.name);
    const found = await stat(file).catch(() => null);
    if (!found) throw dataLoss(file, 'is missing');
    if (found.size !== entry.bytes) throw dataLoss(file, `has ${found.size} bytes, its manifest says ${entry.bytes}`);
    if (!contents) continue;
    const actual = await digestOfFile(file);
    if (actual !== entry.sha256) throw dataLoss(file, `is damaged: its digest is ${actual}, not ${entry.sha256}`);
  }
}

/**
 * Copies a folder's files. A copy (free where the file system can share blocks), not a hard link: the owner of the
 * source may still write to it.
 */
export async function copyFiles(source: string, target: string): Promise<void> {
  const entries = await readdir(source, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw notFound(source, 'give the path of a folder');
  });
  for (const entry of entries.filter(({ name }) => name !== MANIFEST_NAME)) {
    const file = join(source, entry.name);
    if (!(await stat(file)).isFile()) throw invalidArgument(file, 'a stored folder holds plain files only');
    await copyFile(file, join(target, entry.name), constants.COPYFILE_FICLONE);
  }
}

function artifactOf(digest: Digest, files: readonly ManifestEntry[]): FolderArtifact {
  return { digest, bytes: files.reduce((sum, file) => sum + file.bytes, 0), files };
}
