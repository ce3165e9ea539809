import type { ResourceUsage, ScoreItem, Verdict } from '@hone/contracts';
import type { Reach, ReplicaSets } from '@hone/rpc';

/** Verdicts in the order of the items, and what each call used. */
export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly usage: readonly ResourceUsage[];
}

/** One scorer or several as one. */
export interface Judge {
  /** Judges up to 1,000 items, together below 4 MiB. A scorer that is too late gives verdicts with the state ERROR. */
  judge(items: readonly ScoreItem[], signal?: AbortSignal): Promise<Judgement>;
  /**
   * For each set of answers of a problem, and each answer of it, the position of the first answer that is one with it: to the scorer,
   * or by its text where the scorer does not say. Of a combination: to any of its scorers.
   */
  groupAnswers(sets: readonly (readonly string[])[], signal?: AbortSignal): Promise<number[][]>;
}

export interface JudgeOptions {
  /** The scorers' servers: the deployment's own, and those that references name. */
  readonly servers: ReplicaSets;
  /** Whether verdicts shall say what each layer of the scorer saw. */
  readonly explain?: boolean;
  /** What may be reached for the caller who made the reference; absent where that is the person who runs this program. */
  readonly reach?: Reach | undefined;
}
