/** Choosing the best checkpoint of a run by held-out problems, and stopping when none gets better. */
import type { Evaluation, SelectResult } from '@hone/contracts';
import { internal } from '@hone/errors';
import type { SelectSettings } from '@hone/recipes';

/** An iteration's checkpoint and what it reached on the held-out problems. */
export interface Candidate {
  readonly iteration: number;
  readonly checkpoint: string;
  readonly value: number;
}

/** What the choice finds of a measured checkpoint, after those before it. The last iteration has nothing to stop. */
export function choose(
  settings: SelectSettings,
  before: readonly Candidate[],
  {
    iteration,
    evaluation,
    isLast,
  }: { readonly iteration: number; readonly evaluation: Evaluation; readonly isLast: boolean },
): SelectResult {
  const value = selectionValue(settings, evaluation);
  const candidates = [...before, { iteration, checkpoint: evaluation.checkpoint, value }];
  const best = bestOf(candidates, settings.min_improvement);
  const stop = isLast ? '' : (reasonToStop(settings, candidates, best) ?? '');
  return { evaluation, value, bestCheckpoint: best.checkpoint, bestIteration: best.iteration, stop };
}

/** The figure by which checkpoints are compared, 0 to 1. */
function selectionValue({ metric }: SelectSettings, { greedy, majority }: Evaluation): number {
  const found = metric === 'majority' ? majority?.accuracy : greedy;
  if (!found) throw internal('the evaluation lacks the figure by which checkpoints are chosen');
  return found.accuracy;
}

/** The first candidate, or the last one that clearly exceeded all before it. */
function bestOf(candidates: readonly Candidate[], minImprovement: number): Candidate {
  return candidates.reduce((best, candidate) =>
    candidate.value > best.value && candidate.value - best.value >= minImprovement ? candidate : best,
  );
}

/** Why a run ends after these candidates, or undefined where it goes on. */
function reasonToStop({ patience, metric }: SelectSettings, candidates: readonly Candidate[], best: Candidate) {
  const { iteration } = candidates.at(-1)!;
  if (patience === 0 || iteration - best.iteration < patience) return undefined;
  return (
    `iterations ${best.iteration + 1} to ${iteration} brought no better checkpoint than iteration ${best.iteration}, whose ` +
    `${metric} accuracy on the held-out problems is ${(100 * best.value).toFixed(1)} %`
  );
}
