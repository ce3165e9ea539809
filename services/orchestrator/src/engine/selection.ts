/** Choosing the best checkpoint of a run by held-out problems, and stopping when none gets better. */
import { SelectionMetric, type Evaluation, type SelectionSpec } from '@hone/contracts';
import { internal } from '@hone/errors';

/** An iteration's checkpoint and what it reached on the held-out problems. */
export interface Candidate {
  readonly iteration: number;
  readonly checkpoint: string;
  readonly value: number;
}

/** The figure by which checkpoints are compared, 0 to 1. */
export function selectionValue({ metric }: SelectionSpec, { greedy, majority }: Evaluation): number {
  const found = metric === SelectionMetric.MAJORITY_ACCURACY ? majority?.accuracy : greedy;
  if (!found) throw internal('the evaluation lacks the figure by which checkpoints are chosen');
  return found.accuracy;
}

/** The first candidate, or the last one that clearly exceeded all before it. */
export function bestOf(candidates: readonly Candidate[], minImprovement: number): Candidate {
  return candidates.reduce((best, candidate) =>
    candidate.value > best.value && candidate.value - best.value >= minImprovement ? candidate : best,
  );
}

/** Why a run ends after these candidates, or undefined where it goes on. */
export function reasonToStop({ patience, metric }: SelectionSpec, candidates: readonly Candidate[], best: Candidate) {
  const { iteration } = candidates.at(-1)!;
  if (patience === 0 || iteration - best.iteration < patience) return undefined;
  const figure = metric === SelectionMetric.MAJORITY_ACCURACY ? 'majority' : 'greedy';
  return (
    `iterations ${best.iteration + 1} to ${iteration} brought no better checkpoint than iteration ${best.iteration}, whose ` +
    `${figure} accuracy on the held-out problems is ${(100 * best.value).toFixed(1)} %`
  );
}
