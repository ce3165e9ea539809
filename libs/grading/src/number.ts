/** Numbers as people write them in answers. */

/**
 * An optional sign and currency, digits with thousands separators or a decimal part, then a fraction's denominator or an
 * exponent. Every part is bounded by what follows it, so that matching is linear in the text.
 */
const NUMBER = /([-−+]?)\s?[$€£]?([-−]?)(\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?\/\s?(\d+)|[eE]([+-]?\d{1,3})(?![\w.]))?/g;

export interface FoundNumber {
  /** Normal form, see normalNumber. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** The numbers of a text, in order. A sign behind a word, digit or bracket is an operator and not taken. */
export function* numbersIn(text: string, offset = 0): Generator<FoundNumber> {
  for (const match of text.matchAll(NUMBER)) {
    const [whole, sign, innerSign, digits, denominator, exponent] = match;
    const operator = sign !== '' && /[\w)\]]/.test(text[match.index - 1] ?? '');
    const negative = (sign !== '' && sign !== '+' && !operator) !== (innerSign !== '');
    const value = normalNumber(digits!.replaceAll(',', ''), negative, denominator, exponent);
    if (value === undefined) continue;
    const dropped = operator ? whole.slice(1) : whole;
    const start = offset + match.index + whole.length - dropped.trimStart().length;
    // A trailing separator belongs to the sentence.
    yield { value, start, end: offset + match.index + whole.replace(/,+$/, '').length };
  }
}

/** Numbers with more digits are kept as they are written: exact arithmetic on them would take too long. */
const MAX_DIGITS = 400;

/** An exact normal form: "n" for whole numbers, else a reduced fraction "n/d". Undefined for a zero denominator. */
function normalNumber(digits: string, negative: boolean, denominator?: string, exponent?: string): string | undefined {
  if (digits.length + (denominator?.length ?? 0) > MAX_DIGITS) return digits;
  const [whole = '', decimals = ''] = digits.split('.');
  const power = BigInt(exponent ?? 0) - BigInt(decimals.length);
  let top = BigInt(whole + decimals || '0') * (power > 0n ? 10n ** power : 1n);
  let bottom = BigInt(denominator ?? 1) * (power < 0n ? 10n ** -power : 1n);
  if (bottom === 0n) return undefined;
  const divisor = greatestCommonDivisor(top, bottom);
  [top, bottom] = [top / divisor, bottom / divisor];
  const text = bottom === 1n ? `${top}` : `${top}/${bottom}`;
  return negative && top !== 0n ? `-${text}` : text;
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
  return /^[\s$€£%.+]*$/.test(rest) ? found.value : undefined;
}
