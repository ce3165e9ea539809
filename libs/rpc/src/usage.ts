import type { ResourceUsage } from '@hone/contracts';

/**
 * Starts measuring what a call uses of this process; the result says what it used since. CPU time and peak memory are the
 * process's, so calls that run at the same time are counted in each other's.
 */
export function measureUsage(): () => ResourceUsage {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return {
      seconds: (performance.now() - startedAt) / 1000,
      cpuSeconds: (user + system) / 1e6,
      peakMemoryBytes: BigInt(process.resourceUsage().maxRSS) * 1024n,
      tokens: 0n,
    };
  };
}
