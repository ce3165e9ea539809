/** Answers in words: names, days, letters of a choice, times of day. */
import type { Node } from '../tree/node.ts';
import { numberOfWords } from '../notation/number-words.ts';

/** Words without case, spaces, articles, brackets around them and points that are no decimal points. */
export function normalText(text: string): string {
  return text
    .toLowerCase()
    .replace(/\\[a-z]+|[{}$*"'`]|\\./g, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .trim()
    .replace(/^(?:option|choice)\s+(?=\(?[a-h]\)?$)/, '')
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^(?:the|an?)\s+(?=\w{2})/, '')
    .replace(/[\s,;]+/g, '');
}

/** How an answer that is no text reads as one; undefined where it does not. */
export function textOf(node: Node): string | undefined {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'symbol':
    case 'constant':
      return node.name;
    case 'number':
      return node.value.toFraction();
    case 'product':
      return node.factors.every((factor) => factor.kind === 'symbol' || factor.kind === 'constant')
        ? node.factors.map((factor) => textOf(factor)).join('')
        : undefined;
    case 'ratio':
      return node.parts.map((part) => (part.kind === 'number' ? textOf(part)!.padStart(2, '0') : '?')).join(':');
    default:
      return undefined;
  }
}

/** Whether one is text, and the other reads as the same one. */
export function equalTexts(a: Node, b: Node): boolean {
  const [left, right] = [textOf(a), textOf(b)];
  if (left === undefined || right === undefined) return false;
  const [one, other] = [normalText(left), normalText(right)];
  return one !== '' && (one === other || sameTime(one, other));
}

/** Times of day are the same without a leading zero, and where only one side says "a.m." or "p.m.". */
function sameTime(a: string, b: string): boolean {
  const [one, other] = [TIME.exec(a), TIME.exec(b)];
  if (!one || !other) return false;
  const half = one[4] === undefined || other[4] === undefined || one[4] === other[4];
  return half && [1, 2, 3].every((part) => Number(one[part] ?? 0) === Number(other[part] ?? 0));
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(am|pm)?$/;

/** The time of day that the whole answer is, in plain text; undefined where it is none. */
export function timeOfDay(cleaned: string): string | undefined {
  if (!/[ap]\.?\s*m/i.test(cleaned)) return undefined;
  const plain = normalText(cleaned.replace(/\\(?:text|mbox|textrm|mathrm)(?![a-z])|\\[!,;: ]|~/g, ''));
  return TIME.test(plain) ? plain : undefined;
}

/** A whole number that is written out in words. */
export function numberInWords(text: string): bigint | undefined {
  const digits = numberOfWords(text);
  return digits !== undefined && /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
}
