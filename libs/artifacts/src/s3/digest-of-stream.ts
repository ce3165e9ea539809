import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Digest } from '../digest.ts';

/** The digest of a stream's bytes, in constant memory. */
export async function digestOfStream(stream: Readable): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
