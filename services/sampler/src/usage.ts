import type { ResourceUsage } from '@hone/contracts';
import type { Worker } from '@hone/workers';

/**
 * Starts measuring what these workers use. CPU time is that of the processes, so calls that run at the same time are
 * counted in each other's; memory is the sum of the processes' peaks since they started.
 */
export async function measureUsage(workers: readonly Worker[]): Promise<(tokens: number) => Promise<ResourceUsage>> {
  const startedAt = performance.now();
  const before = await totals(workers);
  return async (tokens) => {
    const after = await totals(workers);
    return {
      seconds: (performance.now() - startedAt) / 1000,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      peakMemoryBytes: BigInt(after.peakMemoryBytes),
      tokens: BigInt(tokens),
    };
  };
}

async function totals(workers: readonly Worker[]): Promise<{ cpuSeconds: number; peakMemoryBytes: number }> {
  const usages = await Promise.all(workers.map((worker) => worker.usage()));
  return {
    cpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    peakMemoryBytes: usages.reduce((sum, usage) => sum + usage.peakMemoryBytes, 0),
  };
}
