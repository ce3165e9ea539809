/** From an answer as it is written to what it may mean. */
import { text, writtenNumber } from './build.ts';
import { cleanAnswer } from './clean.ts';
import { timeOfDay } from './equal-text.ts';
import { MAX_ANSWER_CHARACTERS, Unreadable } from './limits.ts';
import type { Node } from './node.ts';
import { parseAnswer } from './parse-answer.ts';

export interface Reading {
  /** Without delimiters and spaces: two answers that are the same here are the same. */
  readonly plain: string;
  /** What it may mean, the likeliest first. Empty where it is no maths that is understood. */
  readonly meanings: readonly Node[];
}

/** Reads an answer. The few that can be read in several ways ("1,234", "1,22") have several meanings. */
export function readAnswer(written: string): Reading {
  if (written.length > MAX_ANSWER_CHARACTERS) return { plain: written.replace(/\s+/g, ''), meanings: [] };
  const cleaned = groupedBySpaces(cleanAnswer(written));
  const plain = cleaned.replace(/(?<!\d)\s+|\s+(?!\d)/g, '');
  const time = timeOfDay(cleaned);
  if (time !== undefined) return { plain, meanings: [text(time)] };
  const decimal = decimalComma(cleaned);
  const labelled = LABELLED.exec(cleaned);
  if (labelled) return { plain, meanings: defined([parsed(labelled[2]!, true), text(labelled[1]!)]) };
  const meanings = [parsed(cleaned, true), cleaned.includes(',') ? parsed(cleaned, false) : undefined, decimal];
  return { plain, meanings: defined(meanings) };
}

const defined = (nodes: readonly (Node | undefined)[]): Node[] => nodes.filter((node) => node !== undefined);

/** A choice with its letter and its text: "(B) 12", "\\textbf{(B)}\\ 12". */
const LABELLED = /^(?:\\text\w*\s*\{\s*)?\(([A-H])\)(?:\s*\}|\s)(?:\\ |[\s:.])*([-\d\\$].*)$/;

function parsed(cleaned: string, grouping: boolean): Node | undefined {
  try {
    return parseAnswer(cleaned, grouping);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** "1 234 567" as the whole answer is one number. */
function groupedBySpaces(cleaned: string): string {
  return /^[-+]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?$/.test(cleaned) ? cleaned.replaceAll(' ', '') : cleaned;
}

/** Much of the world writes 2,74 for 2.74. Not read so where it may be a list or a number in groups of three digits. */
function decimalComma(cleaned: string): Node | undefined {
  const match = /^(-?)(\d+),(\d+)$/.exec(cleaned.replace(/[€$£\\]/g, '').trim());
  if (!match) return undefined;
  const [, sign, whole = '', decimals = ''] = match;
  const isGroup = decimals.length === 3 && whole !== '0' && whole.length <= 3;
  if (decimals.length < 2 || isGroup) return undefined;
  const value = writtenNumber(`${whole}.${decimals}`);
  return sign === '' ? value : { kind: 'negative', value };
}
