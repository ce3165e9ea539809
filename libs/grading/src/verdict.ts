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
}

/** An answer found in a completion. */
export interface Extracted {
  /** In the scorer's normal form. */
  readonly answer: string;
  /** Half-open range of UTF-16 code units of the completion. */
  readonly span: { readonly start: number; readonly end: number };
  /** The rule that found it. */
  readonly rule: string;
}

/** A judgement. An error is never a score of 0: where scoring fails, `score` throws. */
export type Verdict =
  | ({ readonly state: 'SCORED'; readonly score: 0 | 1 } & Extracted)
  | { readonly state: 'UNSCORABLE' | 'TRUNCATED'; readonly message: string };

/** A way to judge completions. Deterministic. */
export interface Scorer {
  readonly name: string;
  /** Changes whenever a verdict may change. */
  readonly version: string;
  readonly description: string;
  /** Throws an INVALID_ARGUMENT that names `gold` or `choices` where the item itself cannot be judged. */
  score(item: ScoreItem): Verdict;
}

/** A completion up to where the model began to make up a next problem: what it says there is not its answer. */
export function ownPart(completion: string): string {
  const next = completion.search(/\n\s*Question:/);
  return next < 0 ? completion : completion.slice(0, next);
}

/**
 * The verdict on what was found. A cut-off completion that states a final answer is judged by it; without one it is TRUNCATED,
 * because its end is not known.
 */
export function judge(found: Extracted | undefined, item: ScoreItem, isRight: (answer: string) => boolean): Verdict {
  if (found) return { state: 'SCORED', score: isRight(found.answer) ? 1 : 0, ...found };
  if (item.truncated)
    return { state: 'TRUNCATED', message: 'the completion was cut off before it stated a final answer' };
  return { state: 'UNSCORABLE', message: 'the completion states no final answer that this scorer can read' };
}
