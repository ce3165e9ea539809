import { seedFor } from '@hone/statistics';

/** The seed of one sample of a call: it depends on nothing that batches, shards or repetitions could change. */
export const seedOfSample = (seed: bigint, promptId: string, sampleIndex: number): bigint =>
  seedFor(seed, promptId, sampleIndex);
