/** Seeds and ids that follow from a run's spec and a step's name alone, so that a resumed run draws what it would have drawn. */
import { createHash } from 'node:crypto';
import { nameOfKind } from '@hone/contracts';
import { seedFor } from '@hone/statistics';
import type { StepKey } from '../ledger/steps.ts';

/** What a seed is for. */
export type SeedPurpose =
  'problems' | 'examples' | 'write' | 'sample' | 'judge' | 'feedback' | 'pairs' | 'train' | 'evaluate';

/** The seed of one purpose in one iteration. */
export function seedOf(runSeed: bigint, iteration: number, purpose: SeedPurpose, detail = ''): bigint {
  return seedFor('run', runSeed, iteration, purpose, detail);
}

/** The seed of one purpose in a step. An iteration's only step of a kind bears the kind's name, which is no detail. */
export function seedOfStep(runSeed: bigint, { iteration, name, kind }: StepKey, purpose: SeedPurpose): bigint {
  return seedOf(runSeed, iteration, purpose, name === nameOfKind(kind) ? '' : name);
}

/** A number that ranks a problem in an iteration's draw. */
export function drawRank(seed: bigint, problemId: string): bigint {
  return seedFor('draw', seed, problemId);
}

/** A request id (UUID, version 8) for a piece of work: the same work asks with the same id, so it never starts twice. */
export function requestIdOf(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256')
    .update(['request', ...parts].join('\0'))
    .digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
