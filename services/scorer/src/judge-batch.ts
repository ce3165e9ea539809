/** Judging a call's items in worker processes, each under a hard deadline. */
import { throwIfAborted } from '@hone/errors';
import type { ScoreItem, ScorerConfig } from '@hone/grading';
import { Stopped, type WorkerSlots } from '@hone/workers';
import { mapConcurrently } from './map-concurrently.ts';
import type { Judged, JudgeRequest, JudgeResult } from './worker-api.ts';

export interface Batch {
  readonly scorer: string;
  readonly config: ScorerConfig;
  readonly items: readonly ScoreItem[];
  /** Most time that one item may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What worker processes used for a batch. */
export interface WorkerCost {
  cpuSeconds: number;
  peakMemoryBytes: number;
}

/** Large enough that messages cost little, small enough that all processes and callers get their turn. */
const ITEMS_PER_PIECE = 64;

/** The judgements, in the order of the items. */
export async function judgeBatch(slots: WorkerSlots, batch: Batch): Promise<{ judged: Judged[]; cost: WorkerCost }> {
  const cost: WorkerCost = { cpuSeconds: 0, peakMemoryBytes: 0 };
  const { items } = batch;
  const pieces = Array.from({ length: Math.ceil(items.length / ITEMS_PER_PIECE) }, (_, index) =>
    items.slice(index * ITEMS_PER_PIECE, (index + 1) * ITEMS_PER_PIECE),
  );
  const judged = await mapConcurrently(pieces, slots.size, (piece) => judgePiece(slots, batch, piece, cost));
  return { judged: judged.flat(), cost };
}

/**
 * A piece has the time of one item, which is plenty for a piece of harmless ones. Where that is not enough, or the process
 * ends, its items are judged one by one: then it is known which of them is to blame.
 */
async function judgePiece(
  slots: WorkerSlots,
  batch: Batch,
  items: readonly ScoreItem[],
  cost: WorkerCost,
): Promise<Judged[]> {
  const { scorer, config, timeoutMs, signal } = batch;
  const judged: Judged[] = [];
  while (judged.length < items.length) {
    throwIfAborted(signal);
    const rest = items.slice(judged.length);
    try {
      const request: JudgeRequest = { scorer, config, items: rest, budgetMs: timeoutMs / 2 };
      const result = await slots.run<JudgeRequest, JudgeResult>({ method: 'judge', request, timeoutMs, signal });
      judged.push(...result.judged);
      cost.cpuSeconds += result.cpuSeconds;
      cost.peakMemoryBytes = Math.max(cost.peakMemoryBytes, result.peakMemoryBytes);
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
      if (rest.length === 1) judged.push({ state: 'ERROR', message: `the item ${thrown.message}` });
      else for (const item of rest) judged.push(...(await judgePiece(slots, batch, [item], cost)));
    }
  }
  return judged;
}
