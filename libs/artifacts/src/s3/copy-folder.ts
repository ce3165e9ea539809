/** A folder's files as plain objects of a bucket, for others to read: no store, no manifest. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { failedPrecondition, invalidArgument } from '@hone/errors';
import { parseStoreLocation, urlOf } from '../location.ts';
import { Bucket } from './bucket.ts';
import { s3Settings } from './s3-settings.ts';

/** Written last: who looks for a model looks for it, and so finds a whole one or none. */
const LAST = 'config.json';

/**
 * Uploads the files of a folder to `s3://bucket/prefix`, under which there must be nothing yet. What was uploaded is removed again
 * where a later file fails.
 */
export async function copyFolderToBucket(
  folder: string,
  target: string,
): Promise<{ readonly location: string; readonly files: string[] }> {
  const location = parseStoreLocation(target, 'target');
  if (location.kind !== 's3' || location.prefix === '')
    throw invalidArgument('target', `must be s3://bucket/prefix, but is ${target}`);
  const bucket = await Bucket.open(location, s3Settings());
  for await (const { key } of bucket.list('')) {
    const message = `${urlOf(location)} is not empty (${key}): choose another prefix`;
    throw failedPrecondition('FOLDER_NOT_EMPTY', message);
  }
  const files = (await readdir(folder)).sort((one, other) => Number(one === LAST) - Number(other === LAST));
  const written: string[] = [];
  try {
    for (const file of files) {
      if (!(await bucket.put(file, path.join(folder, file), { overwrite: false })))
        throw failedPrecondition('FOLDER_NOT_EMPTY', `${bucket.url(file)} was written by somebody else meanwhile`);
      written.push(file);
    }
  } catch (thrown) {
    await bucket.delete(written);
    throw thrown;
  }
  return { location: urlOf(location), files: [...files].sort() };
}
