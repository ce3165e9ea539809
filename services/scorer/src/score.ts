import { ScoreResponse, type ResourceUsage, type ScoreRequest, type Verdict } from '@hone/contracts';
import { excerpt, invalidArgument } from '@hone/errors';
import { getScorer, scorerTypes } from '@hone/grading';
import { measureUsage, type CallContext, type Reach } from '@hone/rpc';
import type { WorkerSlots } from '@hone/workers';
import { itemOf, verdictOf } from './convert.ts';
import { judgeBatch, type WorkerCost } from './judge-batch.ts';
import { DEFAULT_JUDGE_TIMEOUT_MS, judgeByModel, LLM_JUDGE } from './llm-judge/judge.ts';
import { judgeSettings } from './llm-judge/settings.ts';
import { checkScoreRequest } from './request-rules.ts';

/** Plenty for any answer that people would read. */
const DEFAULT_TIMEOUT_MS = 2_000;

/** Verdicts, and what other processes used for them. */
interface Judged {
  readonly verdicts: Verdict[];
  readonly cost: WorkerCost;
}
type Judge = (request: ScoreRequest, signal: AbortSignal) => Promise<Judged>;

/** The kinds of scorers of this server. */
export const SCORERS = [...scorerTypes, LLM_JUDGE];

/** Checks the name and the settings. */
function judgeOf({ scorer: name, config }: ScoreRequest, slots: WorkerSlots, reach: Reach): Judge {
  if (name === LLM_JUDGE.name) {
    const settings = judgeSettings(config, reach);
    return async ({ items, itemTimeoutMs, explain }, signal) => {
      const timeoutMs = itemTimeoutMs || DEFAULT_JUDGE_TIMEOUT_MS;
      const verdicts = await judgeByModel(items, { settings, timeoutMs, signal, explain });
      return { verdicts, cost: { cpuSeconds: 0, peakMemoryBytes: 0 } };
    };
  }
  const known = SCORERS.map((type) => type.name);
  if (!known.includes(name))
    throw invalidArgument('scorer', `there is no scorer "${excerpt(name, 80)}"; there are: ${known.join(', ')}`);
  const scorer = getScorer(name, config);
  return async ({ items, itemTimeoutMs, explain }, signal) => {
    const timeoutMs = itemTimeoutMs || DEFAULT_TIMEOUT_MS;
    const { judged, cost } = await judgeBatch(slots, {
      scorer: name,
      config,
      items: items.map((item) => itemOf(item, explain)),
      timeoutMs,
      signal,
    });
    return { verdicts: items.map((item, index) => verdictOf(item, judged[index]!, scorer)), cost };
  };
}

/** The RPC that judges a batch of completions; `reach` says which endpoints a caller may name for its judge. */
export function scoreWith(slots: WorkerSlots, reach: Reach) {
  return async (request: ScoreRequest, { signal }: CallContext): Promise<ScoreResponse> => {
    checkScoreRequest(request);
    const judge = judgeOf(request, slots, reach);
    const usage = measureUsage();
    const { verdicts, cost } = await judge(request, signal);
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
