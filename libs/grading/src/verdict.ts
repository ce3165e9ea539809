/** What a scorer is given and what it says. */

/** One option of a multiple-choice problem. */
export interface Choice {
  readonly label: string;
  readonly text: string;
}

/** A completion to judge. */
export interface ScoreItem {
  readonly completion: string;
  /** Whether the completion was cut off rather than ended. */
  readonly truncated: boolean;
  readonly gold: string;
  /** Options of a multiple-choice problem, in the order shown; else empty. */
  readonly choices: readonly Choice[];
  /** The problem as it was put to the model, by which a repetition of it is known. */
  readonly prompt?: string;
  /** Whether the verdict shall say what each layer saw. */
  readonly explain?: boolean;
}

/** A half-open range of UTF-16 code units of the completion. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An answer found in a completion. */
export interface Extracted {
  /** In the scorer's normal form. */
  readonly answer: string;
  readonly span: Span;
  /** The rule that found it. */
  readonly rule: string;
}

/** What a layer of a scorer saw. */
export interface Step {
  /** "completion", "thinking", "cut", "read", "rule", "gold", "compared". */
  readonly layer: string;
  /** For people. */
  readonly text: string;
  /** The part of the completion that it is about. */
  readonly span?: Span;
}

/** A judgement of an answer; both sides are in the scorer's normal form. */
export interface ScoredVerdict extends Extracted {
  readonly state: 'SCORED';
  readonly score: 0 | 1;
  readonly normalGold: string;
  /** The answer as the completion writes it; `sameAnswer` compares such. */
  readonly written: string;
  readonly explanation?: readonly Step[];
}

/** No judgement, and why. */
export interface OpenVerdict {
  readonly state: 'UNSCORABLE' | 'TRUNCATED';
  readonly message: string;
  readonly explanation?: readonly Step[];
}

/** A judgement. An error is never a score of 0: where scoring fails, `score` throws. */
export type Verdict = ScoredVerdict | OpenVerdict;

/** A way to judge completions. Deterministic. */
export interface Scorer {
  readonly name: string;
  /** Changes whenever a verdict may change. */
  readonly version: string;
  readonly description: string;
  /** Throws an INVALID_ARGUMENT that names `gold` or `choices` where the item itself cannot be judged. */
  score(item: ScoreItem): Verdict;
  /** Whether two answers, as `ScoredVerdict.written` has them, are one to this scorer: one vote of a majority. */
  sameAnswer(one: string, other: string): boolean;
}
