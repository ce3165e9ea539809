/** A training job between two steps: all that it takes to go on as if it had never stopped. */
import type { Weights } from '@hone/checkpoint';
import { failedPrecondition } from '@hone/errors';

/**
 * Weights and moments are laid out like the model's flat weights. The order of the data is no part of it: it follows from the
 * seed and the step.
 */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly weights: Float32Array;
  /** AdamW's running means of gradients and of their squares. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/** When and how a job's state is kept. */
export interface SaveState {
  readonly everySteps: number;
  /** The state's arrays are views that the next step overwrites: they may be read until the promise resolves. */
  save(state: TrainingState): Promise<void>;
}

/** A state of another model or of a longer job would give weights that nobody asked for. */
export function requireFittingState(state: TrainingState, weights: Weights, totalSteps: number): void {
  const lengths = [state.weights, state.firstMoment, state.secondMoment].map((array) => array.length);
  const problem = lengths.some((length) => length !== weights.flat.length)
    ? `holds ${lengths.join(', ')} weights and moments, but the model has ${weights.flat.length} weights`
    : state.step > totalSteps && `is after step ${state.step}, but the job has ${totalSteps} steps`;
  if (problem) throw failedPrecondition('STATE_OF_ANOTHER_JOB', `the saved training state ${problem}`);
}
