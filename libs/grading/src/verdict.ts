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
  // Blanks of one line only: a search over lines would take quadratic time on a text of blank lines.
  const next = completion.search(/\n[^\S\n]*Question:/);
  return next < 0 ? completion : completion.slice(0, next);
}

/** Most characters that are read behind a marker: a longer line is no answer, and reading stays linear in the text. */
const LINE_LIMIT = 400;

/**
 * The rest of the line behind a marker that ends at `end`. With `overLines`, where that rest is only white space and emphasis,
 * the next line with more: "**Final answer:**", then the answer.
 */
export function lineBehind(
  text: string,
  end: number,
  overLines: boolean,
): { readonly line: string; readonly offset: number } {
  const window = text.slice(end, end + LINE_LIMIT);
  const skipped = overLines ? /^[\s*_:]*/.exec(window)![0].length : 0;
  return { line: window.slice(skipped).split('\n', 1)[0]!, offset: end + skipped };
}

/**
 * The verdict on what was found. A cut-off completion that states a final answer is judged by it; without one it is TRUNCATED,
 * because its end is not known. So is one that was cut off right behind its answer: "#### 1" may have been about to be 18.
 */
export function judge(found: Extracted | undefined, item: ScoreItem, isRight: (answer: string) => boolean): Verdict {
  const cutInside = item.truncated && found !== undefined && found.span.end >= item.completion.length;
  if (found && !cutInside) return { state: 'SCORED', score: isRight(found.answer) ? 1 : 0, ...found };
  if (item.truncated)
    return { state: 'TRUNCATED', message: 'the completion was cut off before it stated a whole final answer' };
  return { state: 'UNSCORABLE', message: 'the completion states no final answer that this scorer can read' };
}
