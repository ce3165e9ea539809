/** Numbers as people write them in answers. */

const SEPARATOR = String.raw`(?:,\\!|,|'|\{,\}|\\,|[\u00a0\u2009\u202f])`;
/** "1,234,567", "12,34,567" (lakh and crore), "1234567". Other commas end a number: "3,5" is two. */
const WHOLE = String.raw`\d+(?:${SEPARATOR}\d{3})+(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d+`;
const DECIMAL = String.raw`(?:${WHOLE})(?:\.\d+)?|\.\d+`;
const BRACES = (name: string): string => String.raw`\{\s?(?<${name}>\d+)\s?\}`;
const LATEX_FRACTION = String.raw`\\[dt]?frac\s?${BRACES('top')}\s?${BRACES('bottom')}`;
/** What may follow digits: the fraction of a mixed number, a denominator, an exponent. */
const SCALE = [
  String.raw`\s(?<mixedTop>\d+)\/(?<mixedBottom>\d+)(?![\d/])`,
  String.raw`\s?\/\s?(?<denominator>\d+(?:\.\d+)?)`,
  String.raw`[eE](?<exponent>[-+]?\d{1,3})(?![\w.])`,
  String.raw`(?<=(?<![\d.,])10)\s?\^\s?\{?\s?(?<ownPower>[-−+]?\d{1,3})\}?`,
  String.raw`\s?(?:\\times|\\cdot|[x×*·])\s?10\s?(?:\^\s?\{?\s?(?<power>[-−+]?\d{1,3})\}?|(?<raised>[⁻⁺]?[⁰¹²³⁴-⁹]{1,3}))`,
].join('|');

/**
 * An optional sign and currency, then a number. Every part is bounded by what follows it, so that matching is linear in the
 * text.
 */
const NUMBER = new RegExp(
  String.raw`(?<sign>[-−–+]?)\s?(?:\\?[$€£¥₹])?\s?(?<inner>[-−]?)` +
    String.raw`(?:(?<mixedWhole>\d+)?\s?${LATEX_FRACTION}|(?<digits>${DECIMAL})(?:${SCALE})?)` +
    String.raw`(?:\s(?<word>thousand|million|billion|trillion)\b)?`,
  'gi',
);

const WORDS: Readonly<Record<string, number>> = { thousand: 3, million: 6, billion: 9, trillion: 12 };
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** What the named groups of NUMBER matched. */
type MatchedParts = Readonly<Record<string, string | undefined>>;

export interface FoundNumber {
  /** Normal form: "n" for whole numbers, else a reduced fraction "n/d". */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** The numbers of a text, in order. A sign behind a word, digit or bracket is an operator and not taken. */
export function* numbersIn(text: string, offset = 0): Generator<FoundNumber> {
  for (const match of text.matchAll(NUMBER)) {
    const [whole] = match;
    const groups = match.groups as MatchedParts;
    const { sign = '', inner = '' } = groups;
    const operator = sign !== '' && isOperator(text, match.index, whole);
    const negative = (sign !== '' && sign !== '+' && !operator) !== (inner !== '');
    const value = whole.length > MAX_CHARACTERS ? whole : normalNumber(groups, negative);
    if (value === undefined) continue;
    const dropped = operator ? whole.slice(1) : whole;
    const start = offset + match.index + whole.length - dropped.trimStart().length;
    yield { value, start, end: offset + match.index + whole.length };
  }
}

/** Whether the sign at `index` stands between two operands: "10-3", "10 - 3", "day-3", but not "is -3". */
function isOperator(text: string, index: number, signed: string): boolean {
  if (/[\w)\]}%]/.test(text[index - 1] ?? '')) return true;
  const spaced = /\s/.test(text[index - 1] ?? '') && /\s/.test(signed[1] ?? '');
  return spaced && /[\d)\]}%]/.test(text[index - 2] ?? '');
}

/** Longer numbers are kept as they are written: exact arithmetic on them would take too long. */
const MAX_CHARACTERS = 400;

interface Ratio {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** An exact normal form. Undefined for a zero denominator. */
function normalNumber(groups: MatchedParts, negative: boolean): string | undefined {
  const ratio = scaled(unsigned(groups), exponentOf(groups));
  if (ratio.bottom === 0n) return undefined;
  const divisor = greatestCommonDivisor(ratio.top, ratio.bottom);
  const [top, bottom] = [ratio.top / divisor, ratio.bottom / divisor];
  const text = bottom === 1n ? `${top}` : `${top}/${bottom}`;
  return negative && top !== 0n ? `-${text}` : text;
}

function unsigned({ digits, top, bottom, mixedWhole, mixedTop, mixedBottom, denominator }: MatchedParts): Ratio {
  if (top !== undefined && bottom !== undefined) return mixed(BigInt(mixedWhole ?? 0), BigInt(top), BigInt(bottom));
  const number = decimal(digits!);
  if (denominator !== undefined) return divide(number, decimal(denominator));
  if (mixedTop === undefined || mixedBottom === undefined || number.bottom !== 1n) return number;
  return mixed(number.top, BigInt(mixedTop), BigInt(mixedBottom));
}

const mixed = (whole: bigint, top: bigint, bottom: bigint): Ratio => ({ top: whole * bottom + top, bottom });
const divide = (left: Ratio, right: Ratio): Ratio => ({
  top: left.top * right.bottom,
  bottom: left.bottom * right.top,
});

function decimal(text: string): Ratio {
  const [whole = '', decimals = ''] = text.replaceAll(/[^\d.]/g, '').split('.');
  return { top: BigInt(whole + decimals || '0'), bottom: 10n ** BigInt(decimals.length) };
}

function exponentOf({ exponent, power, ownPower, raised, word }: MatchedParts): number {
  const plain = raised
    ?.replace('⁻', '-')
    .replace('⁺', '')
    .replace(/[⁰-⁹¹²³]/g, (digit) => String(RAISED.indexOf(digit)));
  // 10^6 is 10 and five powers of ten more.
  const own = ownPower === undefined ? 0 : Number(ownPower.replace('−', '-')) - 1;
  const written = Number((exponent ?? power ?? plain ?? '0').replace('−', '-'));
  return own + written + (WORDS[word?.toLowerCase() ?? ''] ?? 0);
}

function scaled({ top, bottom }: Ratio, exponent: number): Ratio {
  const factor = 10n ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? { top: top * factor, bottom } : { top, bottom: bottom * factor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a || 1n;
}

/** The normal form of a text that is one number and nothing else but a unit sign; undefined where it is not. */
export function parseNumber(text: string): string | undefined {
  const [found, second] = [...numbersIn(text.trim())];
  if (!found || second) return undefined;
  const rest = text.trim().slice(0, found.start) + text.trim().slice(found.end);
  return /^[\s$€£¥₹%.+\\]*$/.test(rest) ? found.value : undefined;
}
