import { createHash } from 'node:crypto';

/**
 * The seed of one sample: the first 8 bytes, big-endian, of sha256("{seed}\0{promptId}\0{sampleIndex}"). It depends on
 * nothing that batching, sharding or a retry could change.
 */
export function sampleSeed(seed: bigint, promptId: string, sampleIndex: number): bigint {
  return createHash('sha256').update(`${seed}\0${promptId}\0${sampleIndex}`).digest().readBigUInt64BE();
}
