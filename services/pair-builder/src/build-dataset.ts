import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '@hone/artifacts';
import type { BuildDatasetRequest, BuildDatasetResponse } from '@hone/contracts';
import { measureUsage, type CallContext, type Reach } from '@hone/rpc';
import { Building } from './building.ts';
import { openRule } from './open-rule.ts';
import { requireInputs } from './require-inputs.ts';

/** What building datasets needs. */
export interface BuildOptions {
  readonly store: ArtifactStore;
  readonly reach: Reach;
}

const PROGRESS_MS = 250;

/** The RPC that makes a dataset of stored rows by a rule. */
export function buildDatasetWith({ store, reach }: BuildOptions) {
  return async function* (
    request: BuildDatasetRequest,
    { signal: ending }: CallContext,
  ): AsyncGenerator<BuildDatasetResponse, void, undefined> {
    const usage = measureUsage();
    const stop = new AbortController();
    const signal = AbortSignal.any([ending, stop.signal]);
    const rule = await openRule(request.rule, reach, signal);
    try {
      const sources = await requireInputs(store, request, rule);
      const { seed, most } = request;
      const building = new Building({ store, rule, sources, seed, most, signal });
      const built = building.run();
      try {
        const total = problemsIn(request);
        for await (const done of progressOf(building, built)) yield progressMessage(done, total);
        const { dataset, report } = await built;
        yield { message: { $case: 'result', value: { dataset, report, usage: usage() } } };
      } finally {
        stop.abort();
        await built.catch(() => undefined);
      }
    } finally {
      rule.close();
    }
  };
}

const progressMessage = (done: number, total: bigint): BuildDatasetResponse => ({
  message: { $case: 'progress', value: { done: BigInt(done), total } },
});

/** Numbers of problems read, from time to time until the work ends, well or not. */
async function* progressOf(building: Building, built: Promise<unknown>): AsyncGenerator<number> {
  const ended = built.then(
    () => true,
    () => true,
  );
  let told = 0;
  for (let over = false; !over;) {
    over = await Promise.race([ended, sleep(PROGRESS_MS, false, { ref: false })]);
    if (building.problemsRead > told) yield (told = building.problemsRead);
  }
}

/** Problems that are read in all; 0 where the references do not say. */
function problemsIn({ sources, problems, most }: BuildDatasetRequest): bigint {
  const counts =
    sources.length > 0 ? sources.map(({ completions }) => completions?.count ?? 0) : [problems?.count ?? 0];
  const once = counts.includes(0) ? 0 : counts.reduce((total, count) => total + count, 0);
  // With a limit in all, they are counted first.
  return BigInt(most > 0 ? 2 * once : once);
}
