import { isDigest } from '../digest.ts';
import { MANIFEST_NAME } from '../directory/folder.ts';
import type { StoredArtifact } from '../stored-artifact.ts';
import type { Bucket, StoredObject } from './bucket.ts';

const ROWS = /^rows\/([0-9a-f]{64})\.jsonl\.gz$/;

/** All artifacts of a bucket, by its list of objects alone. Keys come in order, so a folder's stand together. */
export async function* listArtifacts(bucket: Bucket): AsyncGenerator<StoredArtifact, void, undefined> {
  for await (const { key, bytes, modified } of bucket.list('rows/')) {
    const digest = ROWS.exec(key)?.[1];
    if (digest) yield { kind: 'rows', digest, storedBytes: bytes, storedTime: modified, complete: true };
  }
  let objects: StoredObject[] = [];
  for await (const object of bucket.list('folders/')) {
    if (objects[0] && folderOf(objects[0]) !== folderOf(object)) {
      yield* artifactOf(objects);
      objects = [];
    }
    objects.push(object);
  }
  yield* artifactOf(objects);
}

const folderOf = ({ key }: StoredObject): string => key.split('/', 2)[1]!;

/** The folder that objects make; none where they are not of a store. */
function artifactOf(objects: readonly StoredObject[]): StoredArtifact[] {
  const digest = objects[0] && folderOf(objects[0]);
  if (digest === undefined || !isDigest(digest)) return [];
  const manifest = objects.find(({ key }) => key === `folders/${digest}/${MANIFEST_NAME}`);
  const newest = new Date(Math.max(...objects.map(({ modified }) => modified.getTime())));
  const storedBytes = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const storedTime = manifest?.modified ?? newest;
  return [{ kind: 'folder', digest, storedBytes, storedTime, complete: manifest !== undefined }];
}
