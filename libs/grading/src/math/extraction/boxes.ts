/** Answers in boxes. */
import type { Piece } from './piece.ts';
import { joinBackwards } from './piece.ts';
import { balancedGroup } from '../notation/braces.ts';

/** More boxes than that are not looked at, the last ones first: reading stays linear in the text. */
const MAX_BOXES = 32;
const MAX_BOX_CHARACTERS = 4000;

/**
 * The last box, or the last boxes that are joined by "and", "or" or a comma, as one list. With `mayBeOpen`, a box whose brace
 * was forgotten ends with its line.
 */
export function lastBoxes(text: string, mayBeOpen: boolean): Piece | undefined {
  const found = [...text.matchAll(/\\(?:boxed|fbox)(?![a-zA-Z])/g)].slice(-MAX_BOXES);
  const boxes = found.map((match) => boxAt(text, match.index, match[0].length, mayBeOpen));
  const last = boxes.findLastIndex((box) => box !== undefined);
  if (last < 0) return undefined;
  // An empty box at the end takes back what was said before.
  if (boxes[last]!.answer.trim() === '') return boxes[last];
  const run = boxes.slice(0, last + 1);
  const known = run.slice(run.lastIndexOf(undefined) + 1) as Piece[];
  return joinBackwards(text, known, (pieces) => pieces.map(({ answer }) => answer).join(', '));
}

function boxAt(text: string, start: number, length: number, mayBeOpen: boolean): Piece | undefined {
  const window = text.slice(start, start + MAX_BOX_CHARACTERS);
  const group = balancedGroup(window, length);
  if (group) return { answer: group.content, start, end: start + group.end };
  const single = /^\s*([0-9a-zA-Z])(?![0-9a-zA-Z])/.exec(window.slice(length));
  if (single) return { answer: single[1]!, start, end: start + length + single[0].length };
  const open = mayBeOpen ? /^\s*\{([^\n$]{1,200})/.exec(window.slice(length)) : null;
  return open ? { answer: open[1]!.replace(/\\\)?$/, ''), start, end: start + length + open[0].length } : undefined;
}
