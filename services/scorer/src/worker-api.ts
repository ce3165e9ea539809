/** What the scorer asks of its worker processes. Everything here crosses by structured clone. */
import type { ScoreItem, ScorerConfig, Verdict } from '@hone/grading';

/** Some items of a call. */
export interface JudgeRequest {
  readonly scorer: string;
  readonly config: ScorerConfig;
  readonly items: readonly ScoreItem[];
  /** The worker begins no further item behind this time. */
  readonly budgetMs: number;
}

/** A verdict, or why there is none. */
export type Judged = Verdict | { readonly state: 'ERROR'; readonly message: string };

/** Answers of one problem, to be grouped. */
export interface GroupRequest {
  readonly scorer: string;
  readonly config: ScorerConfig;
  readonly answers: readonly string[];
}

/** The judgements of the first items, at least of one. */
export interface JudgeResult {
  readonly judged: readonly Judged[];
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}
