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
  const skipped = overLines ? /^[\s*_:：]*/.exec(window)![0].length : 0;
  return { line: window.slice(skipped).split('\n', 1)[0]!, offset: end + skipped };
}

/** Of more markers the first ones are not read: nobody states so many answers. */
const MAX_MARKERS = 64;

/** The matches of a pattern, the last one first. */
export const lastMatches = (text: string, pattern: RegExp): RegExpExecArray[] =>
  [...text.matchAll(pattern)].slice(-MAX_MARKERS).reverse();

const MAX_SENTENCE = 300;

/** The last sentence of a text, up to 300 characters, with what stands behind it. */
export function lastSentence(text: string): string {
  const tail = text.slice(-MAX_SENTENCE);
  const body = tail.replace(/[\s.!?*_)]+$/, '');
  const boundary = [...body.matchAll(/[.!?](?=\s)|\n/g)].at(-1);
  return boundary ? tail.slice(boundary.index + 1) : tail;
}
