/** Where a completion states its final answer. */
import { lastBoxes } from './boxes.ts';
import type { Piece } from './piece.ts';
import { lastMaths } from './segments.ts';
import { isAnswer, statedAnswer } from './sentence.ts';

export interface Found extends Piece {
  /** The rule that found it. */
  readonly rule: string;
}

const STRONG = /final\s{1,3}answer(?:\s{1,3}is)?\s{0,3}:?|####/gi;
const WEAK = /\b(?:answers?|(?:option|choice)s?)\b[*_]{0,3}\s{0,3}(?:is|are|:|=|(?=[$\\]))|^\s{0,3}A:/gim;

/** Of many markers only the last ones are read. */
const MAX_MARKERS = 16;

/** Without a marker an answer is looked for at the end only. */
const TAIL_CHARACTERS = 3000;
const MAX_WHOLE = 300;

/** The final answer by the strictest rule that finds one. Of a text that is not whole only what it states as its answer counts. */
export function findAnswer(text: string, isWhole: boolean): Found | undefined {
  const boxed = named(lastBoxes(text, isWhole), 'math.boxed');
  const strong = named(behindMarkers(text, STRONG), 'math.final_answer');
  if (boxed || strong) return laterOf(boxed, strong);
  const weak = named(behindMarkers(text, WEAK), 'math.answer');
  if (weak || !isWhole) return weak;
  const body = withoutRemark(text);
  return (
    named(wholeText(text), 'math.whole') ?? named(verbAtEnd(body) ?? atEnd(body) ?? atEnd(text), 'math.last_maths')
  );
}

/** A last paragraph that only remarks on what was found before it. */
const REMARK =
  /\n\s{0,20}\n[^\S\n]{0,20}[*_]{0,3}(?:Note|Remark|N\.?B\.?|P\.?S\.?|Check|Verification)\b(?:(?!\n\s{0,20}\n)[^]){0,2000}$/;

function withoutRemark(text: string): string {
  const at = text.slice(-TAIL_CHARACTERS).search(REMARK);
  return at < 0 ? text : text.slice(0, Math.max(0, text.length - TAIL_CHARACTERS) + at);
}

const bare = (text: string): string => text.replace(/[\s$]|\\[()[\]]/g, '');

/** A completion that reads as the gold answer does, though it holds more than maths: "even $m$". */
export function wholeAsWritten(completion: string, gold: string): Found | undefined {
  const answer = completion.trim();
  if (answer === '' || answer.length > MAX_WHOLE || answer.includes('\\boxed')) return undefined;
  if (bare(answer) !== bare(gold)) return undefined;
  const start = completion.length - completion.trimStart().length;
  return { answer, start, end: start + answer.length, rule: 'math.whole' };
}

const named = (piece: Piece | undefined, rule: string): Found | undefined => piece && { ...piece, rule };

/** A statement behind the last box corrects or repeats it, if it holds maths; a box within or behind a statement is its answer. */
function laterOf(boxed: Found | undefined, strong: Found | undefined): Found | undefined {
  if (!boxed || !strong) return boxed ?? strong;
  return strong.start >= boxed.end && /[\d$\\]/.test(strong.answer) ? strong : boxed;
}

function behindMarkers(text: string, markers: RegExp): Piece | undefined {
  const found = [...text.matchAll(markers)].slice(-MAX_MARKERS).reverse();
  for (const match of found) {
    const piece = statedAnswer(text, match.index + match[0].length);
    if (piece) return piece;
  }
  return undefined;
}

/** A completion that is nothing but an answer. */
function wholeText(text: string): Piece | undefined {
  const answer = text.trim();
  if (answer.length > MAX_WHOLE || !isAnswer(answer)) return undefined;
  const start = text.length - text.trimStart().length;
  return { answer, start, end: start + answer.length };
}

/** "The solutions are 1 and 2.", "It is 2^3." */
function verbAtEnd(text: string): Piece | undefined {
  const offset = Math.max(0, text.length - MAX_WHOLE);
  const tail = text.slice(offset);
  const verb = [...tail.matchAll(/\b(is|are):?\s+(?=\S)/g)].at(-1);
  if (!verb) return undefined;
  const start = verb.index + verb[0].length;
  const answer = tail.slice(start).replace(/[.\s]+$/, '');
  const isList = verb[1] === 'are' || !answer.includes(',');
  if (answer.includes('\n') || !isList || !/[\d$\\¼½¾⅐-⅞]/.test(answer) || !isAnswer(answer)) return undefined;
  return { answer, start: offset + start, end: offset + start + answer.length };
}

function atEnd(text: string): Piece | undefined {
  const from = Math.max(0, text.length - TAIL_CHARACTERS);
  const piece = lastMaths(text.slice(from));
  return piece && { answer: piece.answer, start: piece.start + from, end: piece.end + from };
}
