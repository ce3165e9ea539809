/** Reading a file that a caller named. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { invalidArgument } from '@hone/errors';

const MAX_BYTES = 1 << 20;
/** The same for a file that is not there, not allowed, or no such file: a caller learns nothing of what there is. */
const RULE = 'must be a certificate or key (PEM) of at most 1 MB in a file that this service may open for callers';

function isBelow(file: string, allowed: string): boolean {
  try {
    const root = realpathSync(allowed);
    return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
  } catch {
    return false;
  }
}

/** Reads without waiting: a pipe or a device is no file, and one that grows is cut off at the limit. */
function readRegularFile(file: string): Buffer | undefined {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile() || found.size > MAX_BYTES) return undefined;
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    return length > MAX_BYTES ? undefined : bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** The content of a PEM file that lies in one of the allowed folders; without these, anywhere. `field` names it in the error. */
export function readCertificateFile(file: string, field: string, allowed?: readonly string[]): Buffer {
  let bytes: Buffer | undefined;
  try {
    const real = realpathSync(file);
    if (!allowed || allowed.some((folder) => isBelow(real, folder))) bytes = readRegularFile(real);
  } catch {
    // Whatever the reason, the caller hears the same.
  }
  if (!bytes || !bytes.includes('-----BEGIN ')) throw invalidArgument(field, RULE);
  return bytes;
}

/** What is said of a file whose content is no certificate or key. */
export const notACertificate = (field: string, cause: unknown): Error => invalidArgument(field, RULE, cause);
