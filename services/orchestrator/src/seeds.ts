/** Seeds and ids that follow from a run's spec and a step's name alone, so that a resumed run draws what it would have drawn. */
import { createHash } from 'node:crypto';

function hashOf(parts: readonly (string | number | bigint)[]): Buffer {
  // Lengths in front keep ('ab', 'c') and ('a', 'bc') apart.
  const hash = createHash('sha256');
  for (const part of parts.map(String)) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest();
}

/** What a seed is for. */
export type SeedPurpose = 'problems' | 'sample' | 'pairs' | 'train' | 'evaluate';

/** The seed of one purpose in one iteration: the first 64 bits of sha256(run seed, iteration, purpose, detail). */
export function seedOf(runSeed: bigint, iteration: number, purpose: SeedPurpose, detail = ''): bigint {
  return hashOf(['hone/seed/1', runSeed, iteration, purpose, detail]).readBigUInt64BE();
}

/** A request id (UUID, version 8) for a piece of work: the same work asks with the same id, so it never starts twice. */
export function requestIdOf(...parts: readonly (string | number)[]): string {
  const bytes = hashOf(['hone/request/1', ...parts]).subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A number that ranks a problem in an iteration's draw. */
export function drawRank(seed: bigint, problemId: string): bigint {
  return hashOf(['hone/draw/1', seed, problemId]).readBigUInt64BE();
}
