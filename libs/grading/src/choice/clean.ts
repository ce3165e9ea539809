/** Labels and options without what only changes how they look. */
import { plainText } from '../number/plain-text.ts';

/** Emphasis, delimiters and wrappers of Markdown, LaTeX and HTML; quotes; blanks. What stands for itself is in the group. */
const LOOKS =
  /\\(?:text\w*|math(?:rm|bf|sf|it|cal)|boxed|fbox|mbox|operatorname|bf|rm|quad|qquad|left|right)(?![a-z])\s*|\\[()[\]]|\\[,;:! ]|\\(?<kept>[%$&#_{}])|<\/?(?:[biu](?=>[^<>]{0,400}<\/)|(?<=<\/)[biu]|[a-z]{2,12})>|[*`{}$_"“”„«»]|(?<apostrophe>[‘’´])|(?<dash>[–—−‑])|(?<low>[₀-₉])|\s+/gi;

/** Blanks of LaTeX, and white space. */
const BLANK = /^(?:\\[,;:! ]|\\q?quad\s*|\s+)$/;

export interface Cleaned {
  readonly text: string;
  /** Where in the original text a position of the cleaned one is. */
  readonly originOf: (position: number) => number;
}

/** A short text as a reader sees it. */
export function clean(original: string): Cleaned {
  const { text: plain, originOf } = plainText(original);
  const positions: number[] = [];
  let text = '';
  let from = 0;
  const copy = (piece: string, at: number): void => {
    for (let index = 0; index < piece.length; index += 1) positions.push(at + index);
    text += piece;
  };
  for (const match of plain.matchAll(LOOKS)) {
    copy(plain.slice(from, match.index), from);
    const { kept, apostrophe, dash, low } = match.groups!;
    if (apostrophe) copy("'", match.index);
    else if (dash) copy('-', match.index);
    else if (low) copy(String.fromCharCode(low.charCodeAt(0) - 0x2080 + 48), match.index);
    else if (kept && kept !== '$' && kept !== '_' && kept !== '{' && kept !== '}') copy(kept, match.index);
    else if (BLANK.test(match[0]) && !text.endsWith(' ')) copy(' ', match.index);
    from = match.index + match[0].length;
  }
  copy(plain.slice(from), from);
  return { text, originOf: (position) => originOf(positions[position] ?? plain.length) };
}
