import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { invalidArgument } from '@hone/errors';

/** SHA-256 in lower-case hexadecimal: the name of an artifact. */
export type Digest = string;

const DIGEST = /^[0-9a-f]{64}$/;

/** Whether the text is a digest. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Refuses whatever is not a digest, so that no id of a request can name a path outside the store. */
export function requireDigest(text: string, field = 'digest'): Digest {
  if (!isDigest(text)) throw invalidArgument(field, 'must be a SHA-256 digest: 64 characters of 0-9 and a-f');
  return text;
}

/** The digest of some bytes. */
export function digestOf(content: string | Uint8Array): Digest {
  return createHash('sha256').update(content).digest('hex');
}

/** The digest of a file of any size. */
export async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
