import type { ArtifactStore } from '@hone/artifacts';
import { Problem } from '@hone/contracts';
import { drawRank } from './seeds.ts';

/** The problems of one iteration, as often as asked for, without holding them in memory. */
export interface ProblemDraw {
  readonly count: number;
  /** In the order of the set. */
  problems(): AsyncGenerator<Problem, void, undefined>;
}

/**
 * Draws `count` problems of a stored set (0 means all). Which ones depends on the seed and the problems' ids only: a problem's
 * rank is a hash of both, and the lowest ranks are drawn.
 */
export async function drawProblems(
  store: ArtifactStore,
  digest: string,
  count: number,
  seed: bigint,
): Promise<ProblemDraw> {
  const ranks: { index: number; rank: bigint }[] = [];
  for await (const { index, problem } of readAll(store, digest)) {
    ranks.push({ index, rank: count > 0 ? drawRank(seed, problem.id) : BigInt(index) });
  }
  ranks.sort((left, right) => (left.rank < right.rank ? -1 : left.rank > right.rank ? 1 : left.index - right.index));
  const drawn = new Set((count > 0 ? ranks.slice(0, count) : ranks).map(({ index }) => index));
  return {
    count: drawn.size,
    async *problems() {
      for await (const { index, problem } of readAll(store, digest)) if (drawn.has(index)) yield problem;
    },
  };
}

async function* readAll(store: ArtifactStore, digest: string): AsyncGenerator<{ index: number; problem: Problem }> {
  let index = 0;
  for await (const row of store.readJsonLines(digest)) yield { index: index++, problem: Problem.fromJSON(row) };
}
