/** From an answer as it is written to what it may mean. */
import { symbol, text, writtenNumber } from '../tree/build.ts';
import { canonicalSigns } from './canonical.ts';
import { cleanAnswer } from '../notation/clean.ts';
import { timeOfDay } from '../equality/equal-text.ts';
import { MAX_ANSWER_CHARACTERS, Unreadable } from '../limits.ts';
import { symbolsOf, type Node } from '../tree/node.ts';
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
  const cleaned = grouped(cleanAnswer(written));
  const plain = cleaned.replace(/(?<!\d)\s+|\s+(?!\d)/g, '');
  const time = timeOfDay(cleaned);
  if (time !== undefined) return { plain, meanings: [text(time)] };
  const decimal = decimalComma(cleaned);
  const labelled = LABELLED.exec(cleaned);
  if (labelled) return { plain, meanings: defined([parsed(labelled[2]!, true), text(labelled[1]!)]) };
  const meanings = [parsed(cleaned, true), cleaned.includes(',') ? parsed(cleaned, false) : undefined, decimal];
  const understood = defined(meanings);
  if (understood.length > 0) return { plain, meanings: understood };
  return { plain: canonicalSigns(cleaned) ?? plain, meanings: defined([lastValue(cleaned)]) };
}

/** What an equation ends in whose left side is not understood: `\sum_{k=1}^{4} k = 10`. The left side is the name of the value. */
function lastValue(cleaned: string): Node | undefined {
  const at = cleaned.lastIndexOf('=');
  const [left, right] = [cleaned.slice(0, at).trim(), cleaned.slice(at + 1)];
  if (at < 1 || /[<>!\\:]$/.test(left) || depthOf(left) !== 0 || left.includes('\\begin')) return undefined;
  const value = parsed(right, true);
  if (!value || !['number', 'quotient', 'negative', 'product', 'call', 'power', 'sum'].includes(value.kind))
    return undefined;
  if (symbolsOf(value).size > 0) return undefined;
  const name = symbol(`left(${canonicalSigns(left) ?? left})`);
  return { kind: 'relation', parts: [name, value], operators: ['='] };
}

const depthOf = (text: string): number =>
  [...text].reduce((depth, sign) => depth + ('{(['.includes(sign) ? 1 : '})]'.includes(sign) ? -1 : 0), 0);

const defined = (nodes: readonly (Node | undefined)[]): Node[] => nodes.filter((node) => node !== undefined);

/** A choice with its letter and its text: "(B) 12", "\\textbf{(B)}\\ 12". */
const LABELLED =
  /^(?:\\text\w*\s*\{\s*)?\(([A-H])\)(?:\s*\}|\s)(?:\\ |[\s:.])*((?!\\(?:cdot|times|div|pm))[-\d\\$].*)$/;

function parsed(cleaned: string, grouping: boolean): Node | undefined {
  try {
    return parseAnswer(cleaned, grouping);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** A whole answer that is one number in groups: "1 234 567", "1.234.567", "1'234'567". */
function grouped(cleaned: string): string {
  if (/^[-+]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?$/.test(cleaned)) return cleaned.replaceAll(' ', '');
  if (/^[-+]?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?$/.test(cleaned)) return cleaned.replaceAll('.', '').replace(',', '.');
  return /^[-+]?\d{1,3}(?:['_]\d{3})+(?:\.\d+)?$/.test(cleaned) ? cleaned.replace(/['_]/g, '') : cleaned;
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
