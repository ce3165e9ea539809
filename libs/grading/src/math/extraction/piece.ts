/** A part of a completion that holds an answer. */
export interface Piece {
  readonly answer: string;
  /** Half-open range of UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/** Most characters between two pieces of one answer. */
const MAX_GAP = 60;

/** The last piece, and those before it that are joined to it: "$x=1$ or $x=2$". */
export function joinBackwards(
  text: string,
  pieces: readonly Piece[],
  join: (pieces: readonly Piece[]) => string,
): Piece | undefined {
  let first = pieces.length - 1;
  const last = pieces[first];
  if (!last) return undefined;
  while (first > 0 && isJoint(text.slice(pieces[first - 1]!.end, pieces[first]!.start))) first -= 1;
  const joined = pieces.slice(first);
  return { answer: joined.length === 1 ? last.answer : join(joined), start: joined[0]!.start, end: last.end };
}

/** Whether what stands between two pieces makes them one answer: nothing, a comma, or words that end in "and" or "or". */
function isJoint(gap: string): boolean {
  if (gap.length > MAX_GAP) return false;
  const words = gap
    .replace(/\\(?:text|mbox|quad|qquad|,|;|!| )|[${}~]|\\[()[\]]/g, ' ')
    .trim()
    .toLowerCase();
  if (/^[,;&]?$/.test(words) || /^[,;]?\s*(?:and|or|as well as)$/.test(words)) return true;
  return (
    /^[^.!?\n]*\s(?:and|or|as well as)$/.test(words) &&
    !/\b(?:not|no|wrong|incorrect|instead|is|so|but|then)\b/.test(words)
  );
}
