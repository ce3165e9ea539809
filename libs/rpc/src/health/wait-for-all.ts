import { setTimeout as sleep } from 'node:timers/promises';
import type { Dependency } from './readiness.ts';

const PAUSE_MS = 250;

/** Resolves when all are there, or as they are when the time is over or the signal is aborted. */
export async function waitForAll(
  dependencies: readonly Dependency[],
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  while (!over.aborted) {
    const checks = await Promise.allSettled(dependencies.map((dependency) => dependency.check(over)));
    if (checks.every(({ status }) => status === 'fulfilled')) return;
    await sleep(PAUSE_MS, undefined, { signal: over }).catch(() => undefined);
  }
}
