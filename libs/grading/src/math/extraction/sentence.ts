/** The answer in a sentence that states one: "the largest n is 34". */
import type { Piece } from './piece.ts';
import { readAnswer } from '../parsing/read.ts';
import { lastMaths } from './segments.ts';

/** What follows the answer in its own line. */
const BEHIND =
  /\.?\s+I hope it is correct|,?\s+(?:because|since|where|as)\s|,\s(?:not|so|which|but)\s|\s+\([A-Za-z ]{3,40}\)|\.\s+(?=[A-Z])|<\|/;

/** Longer statements are no answers. */
const MAX_STATEMENT = 400;

/** The answer in the text from `start`, which stands behind a marker: in its line, or in the next if that is empty. */
export function statedAnswer(text: string, start: number): Piece | undefined {
  const window = text.slice(start, start + MAX_STATEMENT);
  const skipped = /^[\s*_:]*/.exec(window)![0].length;
  const line = firstLine(window.slice(skipped));
  // "The answer is not 5" states none.
  if (/^(?:not|never)\b/i.test(line)) return undefined;
  const end = BEHIND.exec(line)?.index ?? line.length;
  return answerIn(line.slice(0, end), start + skipped);
}

/** A line, or the displayed maths that begins in it. */
function firstLine(text: string): string {
  const display = /^(?:\\\[[\s\S]*?\\\]|\$\$[\s\S]*?\$\$)/.exec(text);
  return display ? display[0] : text.split('\n', 1)[0]!;
}

/** All of a statement that reads as maths; else what stands behind its last verb; else its last maths. */
function answerIn(statement: string, offset: number): Piece | undefined {
  const whole = trimmed(statement, offset);
  if (whole && isAnswer(whole.answer)) return whole;
  const verb = /^[\s\S]*\b(?:is|are|equals)\b:?/.exec(statement)?.[0].length;
  if (verb !== undefined) {
    const behind = trimmed(statement.slice(verb), offset + verb);
    if (behind && isAnswer(behind.answer)) return behind;
    const maths = behind && lastMaths(behind.answer);
    if (behind && maths) return moved(maths, behind.start);
  }
  const maths = lastMaths(statement);
  return maths ? moved(maths, offset) : undefined;
}

const moved = ({ answer, start, end }: Piece, by: number): Piece => ({ answer, start: start + by, end: end + by });

/** The end of a sentence. Behind bare text "!" is one; a factorial stands between maths delimiters. */
const SENTENCE_END = /(?:[\s*_.]|(?<!!)!(?=[\s*_]*$))+$/;

function trimmed(text: string, offset: number): Piece | undefined {
  const before = /^[\s*_]*/.exec(text)![0].length;
  const answer = text.slice(before).replace(SENTENCE_END, '');
  return answer === '' ? undefined : { answer, start: offset + before, end: offset + before + answer.length };
}

/** Words of an answer that is text: "no solution", but no sentence. */
const MAX_WORDS = 2;

/** Whether a text is maths, or few enough words to be an answer. */
export function isAnswer(text: string): boolean {
  if (isProse(text)) return false;
  const [meaning] = readAnswer(text).meanings;
  if (!meaning) return false;
  if (meaning.kind === 'list' && meaning.items.some(({ kind }) => kind === 'text')) return text.length < 40;
  return meaning.kind !== 'text' || text.trim().split(/\s+/).length <= MAX_WORDS;
}

/** Maths within a sentence, rather than maths with a unit behind it. */
function isProse(text: string): boolean {
  const bare = text.replace(
    /\\(?:text\w*|mbox|mathrm|operatorname)\s*\{[^{}]*\}|\\[a-zA-Z]+|(?:and|or|sqrt|pi|sin|cos|tan|log|ln)(?![a-z])/g,
    ' ',
  );
  const words = bare.match(/[A-Za-z]{2,}/g) ?? [];
  if (words.length > MAX_UNIT_WORDS || words.some((word) => VERBS.has(word.toLowerCase()))) return true;
  return /\d|\$|\\[[(]/.test(text) && /^\s*[A-Za-z]{2,}\s?[:,]?\s+[\w$(-]/.test(bare);
}

const VERBS: ReadonlySet<string> = new Set(['is', 'are', 'was', 'were', 'has', 'have', 'get', 'the', 'we', 'it', 'so']);

/** "square feet", "miles per hour". */
const MAX_UNIT_WORDS = 3;
