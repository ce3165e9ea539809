/** What was measured of the runs of a comparison. */
import type { ProblemOutcome, Proportion } from '@hone/statistics';

/** Log-probs of the completions of a problem's pair under one checkpoint: each the sum over the completion's tokens, in nats. */
export interface PairLogProbs {
  readonly problem: string;
  readonly chosen: number;
  readonly rejected: number;
}

/** Means over the first and over the last tenth of the steps of a training. */
export interface Moved {
  readonly first: number;
  readonly last: number;
}

/** A checkpoint of a run. */
export interface MeasuredIteration {
  readonly iteration: number;
  readonly checkpoint: string;
  readonly greedy?: Proportion | undefined;
  readonly majority?: (Proportion & { readonly k: number }) | undefined;
  /** Of the test problems. */
  readonly outcomes: readonly ProblemOutcome[];
  /** From the run's beginning to the end of this iteration; evaluation left out. */
  readonly tokens: { readonly sampled: number; readonly trained: number };
  /** What the training of this iteration reported of its own batches; only where it was on pairs. */
  readonly training?: { readonly chosen: Moved; readonly rejected: Moved } | undefined;
  /** Of the seed's fixed pairs under this checkpoint; empty where there are no such pairs. */
  readonly pairs: readonly PairLogProbs[];
}

/** How a run ended: at its end, by its budget, or by an error. */
export type RunEnd = 'succeeded' | 'budget' | 'failed';

/** A run of the comparison. */
export interface MeasuredRun {
  readonly method: string;
  readonly seed: number;
  /** "runs/{run}". */
  readonly run: string;
  readonly end: RunEnd;
  /** Why it failed; empty else. */
  readonly error: string;
  /** Those that were measured, from 0. */
  readonly iterations: readonly MeasuredIteration[];
}

/** A place in each run of a method: after so many iterations, or the last that was measured. */
export type At = number | 'end';

export const atText = (at: At): string => (at === 'end' ? 'at the end' : `at iteration ${at}`);

/** The iteration of a run that stands at a place; undefined where the run has none there. */
export const iterationAt = ({ iterations }: MeasuredRun, at: At): MeasuredIteration | undefined =>
  at === 'end' ? iterations.at(-1) : iterations.find(({ iteration }) => iteration === at);

/** The runs of a method, in the order of their seeds. */
export const runsOf = (runs: readonly MeasuredRun[], method: string): MeasuredRun[] =>
  runs.filter((run) => run.method === method).sort((one, other) => one.seed - other.seed);
