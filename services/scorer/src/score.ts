import { ScoreResponse, type ResourceUsage, type ScoreRequest } from '@hone/contracts';
import { getScorer } from '@hone/grading';
import { measureUsage, type CallContext } from '@hone/rpc';
import { itemOf, verdictOf } from './convert.ts';
import { judgeBatch, type WorkerCost } from './judge-batch.ts';
import { checkScoreRequest } from './request-rules.ts';
import type { WorkerSlots } from './worker-slots.ts';

/** Plenty for any answer that people would read. */
const DEFAULT_TIMEOUT_MS = 2_000;

/** The RPC that judges a batch of completions. */
export function scoreWith(slots: WorkerSlots) {
  return async (request: ScoreRequest, { signal }: CallContext): Promise<ScoreResponse> => {
    const { config, items } = request;
    const scorer = getScorer(request.scorer, config);
    checkScoreRequest(request);
    const usage = measureUsage();
    const timeoutMs = request.itemTimeoutMs || DEFAULT_TIMEOUT_MS;
    const batch = { scorer: scorer.name, config, items: items.map(itemOf), timeoutMs, signal };
    const { judged, cost } = await judgeBatch(slots, batch);
    const verdicts = items.map((item, index) => verdictOf(item, judged[index]!, scorer));
    return { verdicts, usage: withWorkers(usage(), cost) };
  };
}

/** What this process and the workers used for a call. */
function withWorkers(own: ResourceUsage, { cpuSeconds, peakMemoryBytes }: WorkerCost): ResourceUsage {
  return {
    ...own,
    cpuSeconds: own.cpuSeconds + cpuSeconds,
    peakMemoryBytes: own.peakMemoryBytes + BigInt(peakMemoryBytes),
  };
}
