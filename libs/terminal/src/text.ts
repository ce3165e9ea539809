/** Text in lines of a given width, broken between words. */
import { wrapAnsi } from 'fast-wrap-ansi';
import stringWidth from 'fast-string-width';

/** Text is hard to read in longer lines, and where nothing says how long they may be. */
const PROSE_COLUMNS = 100;

/** A line in lines of at most so many columns; those behind the first are indented as it is, and by `hanging` more. */
function wrapLine(line: string, columns: number, hanging: number): string {
  if (stringWidth(line) <= columns) return line;
  const [blanks = ''] = /^ */.exec(line) ?? [];
  // Half of the columns at least are for the text.
  const indent = Math.min(blanks.length + hanging, Math.floor(columns / 2));
  const [first = '', ...rest] = wrapAnsi(line.trimStart(), columns - indent, { hard: false }).split('\n');
  return [blanks + first, ...rest.map((text) => ' '.repeat(indent) + text)].join('\n');
}

/** Each line of a text in lines of at most so many columns. A longer word stands in a line of its own: it is never cut. */
export function wrap(text: string, columns: number, { hanging = 0 } = {}): string {
  if (columns === Infinity) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns, hanging))
    .join('\n');
}

/** Paragraphs, in lines that are comfortable to read wherever they go. */
export const prose = (text: string, columns: number): string => wrap(text, Math.min(columns, PROSE_COLUMNS));
