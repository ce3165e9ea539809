import { createHash } from 'node:crypto';

/**
 * A seed for one thing, from all that names it: the first 8 bytes, big-endian, of sha256 of the parts joined by NUL. It depends
 * on nothing that batching, sharding or a retry could change.
 */
export function seedFor(...parts: readonly (string | number | bigint)[]): bigint {
  return createHash('sha256').update(parts.join('\0')).digest().readBigUInt64BE();
}
