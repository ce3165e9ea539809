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

/** A judgement of an answer; both sides are in the scorer's normal form. */
export interface ScoredVerdict extends Extracted {
  readonly state: 'SCORED';
  readonly score: 0 | 1;
  readonly normalGold: string;
}

/** A judgement. An error is never a score of 0: where scoring fails, `score` throws. */
export type Verdict = ScoredVerdict | { readonly state: 'UNSCORABLE' | 'TRUNCATED'; readonly message: string };

/** A way to judge completions. Deterministic. */
export interface Scorer {
  readonly name: string;
  /** Changes whenever a verdict may change. */
  readonly version: string;
  readonly description: string;
  /** Throws an INVALID_ARGUMENT that names `gold` or `choices` where the item itself cannot be judged. */
  score(item: ScoreItem): Verdict;
}

/** Where the model begins to make up a next problem or turn. Blanks of one line only, so that blank lines stay linear. */
const NEXT_PROBLEM =
  /\n[^\S\n]*(?:Question:|Q:|Problem:|Human:|User:)|<\|im_(?:start|end)\|>|<\|(?:endoftext|eot_id)\|>|<\/s>/g;

/** A completion up to where the model began to make up a next problem: what it says there is not its answer. */
export function ownPart(completion: string): string {
  const lead = completion.length - completion.trimStart().length;
  for (const { index } of completion.matchAll(NEXT_PROBLEM)) if (index > lead) return completion.slice(0, index);
  return completion;
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

/** The gold answer, and whether an answer is the same; both in the scorer's normal form. */
export interface Target {
  readonly normalGold: string;
  readonly isRight: (answer: string) => boolean;
}

/** A target that only its own normal form meets. */
export const exactly = (normalGold: string): Target => ({ normalGold, isRight: (answer) => answer === normalGold });

/**
 * The verdict on what was found. A cut-off completion that states a final answer is judged by it; without one it is TRUNCATED,
 * because its end is not known. So is one that was cut off right behind its answer: "#### 1" may have been about to be 18.
 */
export function judge(
  found: Extracted | undefined,
  { truncated, completion }: ScoreItem,
  { normalGold, isRight }: Target,
): Verdict {
  const cutInside = truncated && found !== undefined && found.span.end >= completion.length;
  if (found && !cutInside) return { state: 'SCORED', score: isRight(found.answer) ? 1 : 0, ...found, normalGold };
  if (truncated)
    return { state: 'TRUNCATED', message: 'the completion was cut off before it stated a whole final answer' };
  return { state: 'UNSCORABLE', message: 'the completion states no final answer that this scorer can read' };
}
