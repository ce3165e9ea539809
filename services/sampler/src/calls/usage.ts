import type { ResourceUsage } from '@hone/contracts';
import type { SamplingEngine } from '@hone/sampling-engine';

/**
 * Starts measuring what an engine uses. CPU time is that of its processes, so calls that run at the same time are counted in each
 * other's; memory is the sum of the processes' peaks since they started.
 */
export async function measureUsage(engine: SamplingEngine): Promise<(tokens: number) => Promise<ResourceUsage>> {
  const startedAt = performance.now();
  const before = await engine.usage();
  return async (tokens) => {
    const after = await engine.usage();
    return {
      seconds: (performance.now() - startedAt) / 1000,
      cpuSeconds: Math.max(0, after.cpuSeconds - before.cpuSeconds),
      peakMemoryBytes: BigInt(Math.round(after.peakMemoryBytes)),
      tokens: BigInt(tokens),
    };
  };
}
