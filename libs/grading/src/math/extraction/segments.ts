/** Maths and numbers in running text. */
import { joinBackwards, type Piece } from './piece.ts';

const SEGMENT =
  /\$\$([^$]{1,1000})\$\$|(?<!\\)\$((?:[^$\n\\]|\\.){1,500})\$|\\\[((?:[^\\]|\\(?!\])){1,1000})\\\]|\\\(((?:[^\\]|\\(?!\))){1,500})\\\)/g;

const NUMBER =
  /\d*[¼½¾⅐-⅞]|(?:(?<![\w)\]}$])[-−+]\s?)?(?:[$€£]\s?)?(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+(?:,\d+)?)?(?:\.\d+|(?<=\d))(?:[eE][-+]?\d{1,3}(?!\w)|\s?\^\s?\d+)?(?:\s?\/\s?\d+(?!\d|\.\d))?(?:\s?\\?%)?/g;

/** The last maths between delimiters, with what is joined to it. Names of single letters are not answers. */
export function lastSegment(text: string): Piece | undefined {
  const pieces: Piece[] = [];
  for (const match of text.matchAll(SEGMENT)) {
    const answer = match.slice(1).find((group) => group !== undefined) ?? '';
    if (!/^(?:\\?[a-zA-Z]+|[fgh]\([a-z]\))?$/.test(answer.trim()) || /^[A-Z]$/.test(answer.trim()))
      pieces.push({ answer, start: match.index, end: match.index + match[0].length });
  }
  return joinBackwards(text, pieces, (joined) => text.slice(joined[0]!.start, joined.at(-1)!.end));
}

/** The last number outside of maths. */
export function lastNumber(text: string): Piece | undefined {
  let last: Piece | undefined;
  for (const match of text.matchAll(NUMBER)) {
    if (/[\d¼½¾⅐-⅞]/.test(match[0]))
      last = { answer: match[0], start: match.index, end: match.index + match[0].length };
  }
  return last;
}

/** Whichever of both comes last, unless it is denied: "not 5". */
export function lastMaths(text: string): Piece | undefined {
  const [segment, number] = [lastSegment(text), lastNumber(text)];
  const last = segment && number ? (number.start >= segment.end ? number : segment) : (segment ?? number);
  return last && /\bnot\s+$/i.test(text.slice(Math.max(0, last.start - 8), last.start)) ? undefined : last;
}
