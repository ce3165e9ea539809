/** Numbers as people write them in answers. */
import { NUMBER_WORDS, valueOfWords } from './number-words.ts';
import { plainText } from './plain-text.ts';

/** What separates thousands and nothing else: commas, apostrophes, and blanks of LaTeX and Unicode. */
const SEPARATOR = String.raw`(?:,\\!|,|['’‘_~]|\{,\}|\\[,;:!]|\\ |[\u00a0\u2007\u2008\u2009\u202f])`;
const WHOLE = [
  // "18 400": a plain blank, where no other number stands beside the groups.
  String.raw`(?<![\d.,]|\d )[1-9]\d{0,2}(?: \d{3})+(?![\d/]| ?\d|-[a-z])`,
  String.raw`\d+(?:${SEPARATOR}\d{3})+(?!\d)`,
  // Lakh and crore: "12,34,567".
  String.raw`\d{1,2}(?:,\d{2})+,\d{3}(?!\d)`,
  String.raw`\d+`,
].join('|');
/** A decimal comma where it can be nothing else: "3,5", "0,125", "1.234,50"; and points between thousands: "1.234.567". */
const COMMA = [
  String.raw`(?<![\d.,])(?:\d{1,3}(?:[. '’\u00a0\u2009\u202f]\d{3})+|\d+),\d{1,2}(?![\d.,]\d|\d)`,
  String.raw`(?<![\d.,])(?:0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{4,})(?![.,]?\d)`,
].join('|');
const POINTS = String.raw`(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){2,}(?![.,]?\d)`;
const DECIMAL = String.raw`(?<comma>${COMMA})|(?<points>${POINTS})|(?<point>(?:${WHOLE})(?:\.\d+)?|(?<![a-z])\.\d+)`;
const MONEY = String.raw`(?:\\?[$€£¥₹])`;
const BRACES = (name: string): string =>
  String.raw`(?:\{\s?(?<${name}Sign>[-−]?)\s?${MONEY}?\s?(?<${name}>\d+(?:,\d{3})*(?:\.\d+)?)\s?(?:\\?%\s?)?\}|\s?(?<${name}Digit>\d))`;
const LATEX_FRACTION = String.raw`\\[dtc]?frac\s?${BRACES('top')}\s?${BRACES('bottom')}`;
const VULGAR: Readonly<Record<string, string>> = {
  ...{ '½': '1/2', '⅓': '1/3', '⅔': '2/3', '¼': '1/4', '¾': '3/4', '⅕': '1/5', '⅖': '2/5', '⅗': '3/5', '⅘': '4/5' },
  ...{ '⅙': '1/6', '⅚': '5/6', '⅐': '1/7', '⅛': '1/8', '⅜': '3/8', '⅝': '5/8', '⅞': '7/8', '⅑': '1/9', '⅒': '1/10' },
};
const VULGARS = `[${Object.keys(VULGAR).join('')}]`;
/** What may follow digits: the fraction of a mixed number, a denominator, an exponent. */
const SCALE = [
  String.raw`\s(?:and\s)?(?<mixedTop>\d+)\/(?<mixedBottom>\d+)(?![\d/])`,
  String.raw`\sand\s(?:an?|one)[\s-](?<part>half|third|quarter)(?![\w-])`,
  String.raw`\s?(?<vulgar>${VULGARS})`,
  String.raw`\s?\/\s?(?<denominator>\d+(?:\.\d+)?)`,
  String.raw`[eE](?<exponent>[-+−]?\d{1,3})(?!\w|\.\d)`,
  String.raw`(?<=(?<![\d.,])10)\s?\^\s?\{?\s?(?<ownPower>[-−+]?\d{1,3})\}?`,
  String.raw`(?<=(?<![\d.,])10)(?<ownRaised>[⁻⁺]?[⁰¹²³⁴-⁹]{1,3})`,
  String.raw`\s?(?:\\times|\\cdot|[x×*·])\s?10\s?(?:\^\s?\{?\s?(?<power>[-−+]?\d{1,3})\}?|(?<raised>[⁻⁺]?[⁰¹²³⁴-⁹]{1,3}))`,
].join('|');
/** "$35k", "$2M"; without a currency only a small k, of which no unit is known. */
const LETTER = String.raw`(?<=[$€£¥₹]\s?[\d.,]{1,20})(?<letter>k|m|b|bn|mn|mm|t)(?![\w'])|(?<=\d)(?<thousand>k)(?![\w'])(?!\s(?:run|race|walk))`;

/**
 * An optional sign and currency, then a number. Every part is bounded by what follows it, so that matching is linear in the
 * text.
 */
const NUMBER = new RegExp(
  String.raw`(?:(?<sign>[-−–+])|(?<!\w)(?<signWord>negative|minus)\s(?=\s?${MONEY}?\s?[\d.\\½-¾⅐-⅞]))?\s?${MONEY}?\s?(?<inner>[-−]?)` +
    String.raw`(?:(?<mixedWhole>\d+)?\s?${LATEX_FRACTION}|(?:${DECIMAL})(?:${SCALE})?|(?<vulgarOnly>${VULGARS}))` +
    String.raw`(?:[\s-](?<word>hundred|thousand|million|billion|trillion)\b|${LETTER})?`,
  'gi',
);

const WORDS: Readonly<Record<string, number>> = {
  ...{ hundred: 2, thousand: 3, million: 6, billion: 9, trillion: 12 },
  ...{ k: 3, m: 6, mn: 6, mm: 6, b: 9, bn: 9, t: 12 },
};
const PARTS: Readonly<Record<string, bigint>> = { half: 2n, third: 3n, quarter: 4n };
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** What the named groups of NUMBER matched. */
type MatchedParts = Readonly<Record<string, string | undefined>>;

export interface FoundNumber {
  /** Normal form: "n" for whole numbers, else a reduced fraction "n/d". */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The numbers of a text, in order. A sign behind a word, digit or bracket is an operator and not taken; the exponent of a unit or a
 * variable ("m^2", "cm3") is no number.
 */
export function* numbersIn(text: string): Generator<FoundNumber> {
  for (const match of text.matchAll(NUMBER)) {
    const [whole] = match;
    const groups = match.groups as MatchedParts;
    if (isExponent(text, match.index, whole)) continue;
    const { sign = '', signWord, inner = '' } = groups;
    const operator = sign !== '' && isOperator(text, match.index, whole);
    const isSigned = (sign !== '' && sign !== '+' && !operator) || isNegation(text, match.index, signWord);
    const signs = [isSigned, inner, groups['topSign'], groups['bottomSign']].filter(Boolean).length;
    const value = whole.length > MAX_CHARACTERS ? whole : normalNumber(groups, signs % 2 === 1);
    if (value === undefined) continue;
    const dropped = operator ? whole.slice(1) : whole;
    const start = match.index + whole.length - dropped.trimStart().length;
    yield { value, start, end: match.index + whole.length };
  }
}

/** The numbers of a text that are written in words. */
export function* numberWordsIn(text: string): Generator<FoundNumber> {
  for (const match of text.matchAll(NUMBER_WORDS)) {
    const value = valueOfWords(match.groups as MatchedParts);
    if (value)
      yield {
        value: reduced(value, match.groups!['sign'] !== undefined)!,
        start: match.index,
        end: match.index + match[0].length,
      };
  }
}

const isExponent = (text: string, index: number, whole: string): boolean => {
  const before = text.slice(Math.max(0, index - 4), index);
  return (
    /[a-z})]\s?\^\s?\{?$/i.test(before) ||
    (/(?<![a-z])(?:[cmdk]?m|ft|in|yd|mi)$/i.test(before) && /^[23](?!\d)$/.test(whole))
  );
};

/** "is minus 3" is negative; "10 minus 3" is a difference. */
const isNegation = (text: string, index: number, word: string | undefined): boolean =>
  word !== undefined &&
  (word.toLowerCase() === 'negative' || BEFORE_MINUS.test(text.slice(Math.max(0, index - 12), index)));

const BEFORE_MINUS = /(?:^|[:=({$*_>,\n]|\b(?:is|are|was|be|to|of|equals?|answer|gets?|gives?|a))\s*$/i;

/** Whether the sign at `index` stands between two operands: "10-3", "10 - 3", "day-3", but not "is -3"; or marks an item of a list. */
function isOperator(text: string, index: number, signed: string): boolean {
  // "- 3 apples" on a line of its own is an item of a list.
  if (/\s/.test(signed[1] ?? '') && /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, index - 8), index))) return true;
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
const normalNumber = (groups: MatchedParts, negative: boolean): string | undefined =>
  reduced(scaled(unsigned(groups), exponentOf(groups)), negative);

function reduced(ratio: Ratio, negative: boolean): string | undefined {
  if (ratio.bottom === 0n) return undefined;
  const divisor = greatestCommonDivisor(ratio.top, ratio.bottom);
  const [top, bottom] = [ratio.top / divisor, ratio.bottom / divisor];
  const text = bottom === 1n ? `${top}` : `${top}/${bottom}`;
  return negative && top !== 0n ? `-${text}` : text;
}

function unsigned(groups: MatchedParts): Ratio {
  const { mixedWhole = '0', mixedTop, mixedBottom, denominator, part, vulgar, vulgarOnly } = groups;
  const [top, bottom] = [groups['top'] ?? groups['topDigit'], groups['bottom'] ?? groups['bottomDigit']];
  if (top !== undefined && bottom !== undefined)
    return plus(decimal(mixedWhole), divide(decimal(top), decimal(bottom)));
  if (vulgarOnly !== undefined) return vulgarOf(vulgarOnly);
  const number = digitsOf(groups);
  if (vulgar !== undefined) return plus(number, vulgarOf(vulgar));
  if (part !== undefined) return plus(number, { top: 1n, bottom: PARTS[part.toLowerCase()]! });
  if (denominator !== undefined) return divide(number, decimal(denominator));
  if (mixedTop === undefined || mixedBottom === undefined || number.bottom !== 1n) return number;
  return plus(number, { top: BigInt(mixedTop), bottom: BigInt(mixedBottom) });
}

function digitsOf({ comma, points, point }: MatchedParts): Ratio {
  if (comma !== undefined) return decimal(comma.replaceAll('.', '').replace(',', '.'));
  return decimal(points?.replaceAll('.', '') ?? point!);
}

function vulgarOf(sign: string): Ratio {
  const [top, bottom] = VULGAR[sign]!.split('/');
  return { top: BigInt(top!), bottom: BigInt(bottom!) };
}

const plus = (left: Ratio, right: Ratio): Ratio => ({
  top: left.top * right.bottom + right.top * left.bottom,
  bottom: left.bottom * right.bottom,
});
const divide = (left: Ratio, right: Ratio): Ratio => ({
  top: left.top * right.bottom,
  bottom: left.bottom * right.top,
});

function decimal(text: string): Ratio {
  const [whole = '', decimals = ''] = text.replaceAll(/[^\d.]/g, '').split('.');
  return { top: BigInt(whole + decimals || '0'), bottom: 10n ** BigInt(decimals.length) };
}

const plainExponent = (raised: string | undefined): string | undefined =>
  raised
    ?.replace('⁻', '-')
    .replace('⁺', '')
    .replace(/[⁰-⁹¹²³]/g, (digit) => String(RAISED.indexOf(digit)));

function exponentOf({ exponent, power, ownPower, ownRaised, raised, word, letter, thousand }: MatchedParts): number {
  // 10^6 is 10 and five powers of ten more.
  const ownText = ownPower ?? plainExponent(ownRaised);
  const own = ownText === undefined ? 0 : Number(ownText.replace('−', '-')) - 1;
  const written = Number((exponent ?? power ?? plainExponent(raised) ?? '0').replace('−', '-'));
  return own + written + (WORDS[(word ?? letter ?? thousand ?? '').toLowerCase()] ?? 0);
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
  const trimmed = plainText(text).text.trim();
  const [found, second] = [...numbersIn(trimmed)];
  if (!found || second) return undefined;
  const rest = trimmed.slice(0, found.start) + trimmed.slice(found.end);
  return /^[\s$€£¥₹%.+\\]*$/.test(rest) ? found.value : undefined;
}
