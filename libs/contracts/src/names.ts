/** Resource names: of artifacts, "<collection>/<sha256>", and of runs. */
import { invalidArgument } from '@hone/errors';

/** Collections whose resources are named by the digest of their content. */
export type DigestCollection = 'adapters' | 'checkpoints' | 'datasets' | 'problemSets' | 'evaluations';

const DIGEST = /^[0-9a-f]{64}$/;

/** "datasets" and a digest -> "datasets/{digest}". */
export function nameOfDigest(collection: DigestCollection, digest: string): string {
  return `${collection}/${digest}`;
}

/**
 * "datasets/{digest}" -> its digest. Nothing else passes, so that no text of a request reaches the file system; `field`
 * names the request's field in the error.
 */
export function digestOfName(collection: DigestCollection, name: string, field: string): string {
  const digest = name.startsWith(`${collection}/`) ? name.slice(collection.length + 1) : '';
  if (!DIGEST.test(digest)) {
    throw invalidArgument(field, `must be a name "${collection}/{64 hexadecimal digits}", but is "${name}"`);
  }
  return digest;
}

/** "runs/{run}" -> its id; `field` names the request's field in the error. */
export function runIdOf(name: string, field = 'name'): string {
  const id = /^runs\/([a-z0-9-]{1,64})$/.exec(name)?.[1];
  if (id === undefined) throw invalidArgument(field, `must be a name "runs/{run}", but is "${name}"`);
  return id;
}
