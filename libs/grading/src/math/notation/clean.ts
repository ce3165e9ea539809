/** Takes away what does not change an answer's meaning: delimiters, spacing, sizes, and other spellings of the same sign. */

import { balancedGroup } from './braces.ts';
import { withDigits } from './number-words.ts';
import { withRepeatingDecimals } from './repeating.ts';
import { plainSigns } from './unicode.ts';
import { withUnitProducts } from './unit-products.ts';

/** Separators of thousands that cannot be anything else: `1{,}234`, `1,\!234`, `1\,234`. */
const THOUSANDS = /(\d)(?:\s*\{\s*,\s*\}|,\s*\\!|\\[,;:!]|\\ |~)\s*(?=\d{3}(?!\d))/g;

/** `\frac{\text{m}}{\text{s}}` */
const UNIT_FRACTION =
  /\\[dt]?frac\s*\{\s*\\(?:text|mathrm)\s*\{([^{}]*)\}\s*\}\s*\{\s*\\(?:text|mathrm)\s*\{([^{}]*)\}\s*\}/g;

/** `\frac{dy}{dx}`, `\frac{d^2y}{dx^2}`, `\frac{\partial f}{\partial x}` */
const DERIVATIVE =
  /\\[dt]?frac\s*\{\s*(d|\\partial)\s*(?:\^\s*\{?\s*(\d)\s*\}?)?\s*([a-zA-Z]?)\s*\}\s*\{\s*\1\s*([a-zA-Z])\s*(?:\^\s*\{?\s*\2\s*\}?)?\s*\}/g;

/** An answer without delimiters and noise; what it means is unchanged. */
export function cleanAnswer(text: string): string {
  let cleaned = withDigits(withoutDollars(plainSigns(withoutBox(text))));
  // A doubled backslash before a command is an escaped one, but in a matrix it ends a row.
  if (!cleaned.includes('\\begin')) cleaned = cleaned.replace(/\\\\(?=[a-zA-Z!,;{}%$])/g, '\\');
  cleaned = withoutAlignment(cleaned);
  cleaned = withUnitProducts(cleaned)
    .replace(/(?<!\\)\\[()[\]]/g, ' ')
    .replace(THOUSANDS, '$1')
    // Written with a comma for the decimal point: 3{,}14.
    .replace(/(\d)\s*\{\s*,\s*\}\s*(?=\d)/g, '$1.')
    .replace(/\\phantom\s*(?:\{[^{}]*\}|.)/g, ' ')
    .replace(/\\(?:text)?color\s*\{[^{}]*\}/g, ' ')
    // Ordinals: 3rd, 21^{\text{st}}.
    .replace(
      /(\d)\s*(?:\^\s*\{?\s*\\(?:text|mathrm)\{(?:st|nd|rd|th)\}\s*\}?|(?<=1)st\b|(?<=2)nd\b|(?<=3)rd\b|(?<=\d)th\b)/g,
      '$1',
    )
    // A derivative is no quotient, of which d could be cancelled.
    .replace(
      DERIVATIVE,
      (_, sign: string, order = '1', of: string, by: string) => ` D_{${sign.at(-1)}${order}${of}${by}} `,
    )
    .replace(/\{:\}/g, ':')
    .replace(/(?<![a-zA-Z])(?:US|U\.S\.)\s?\\?\$/g, '\\$$')
    .replace(/(?<![a-zA-Z\\])(?:negative|minus)\s+(?=[\d.])/gi, '-')
    .replace(PRIMES, (run) => "'".repeat(run.match(/prime/g)!.length))
    .replace(/\\not\s*(?:\\in|=|\\equiv)(?![a-zA-Z])/g, (sign) => NEGATED[sign.replace(/\\not\s*/, '')] ?? sign)
    .replace(REMAINDER, (_whole, open: string, modulus: string, close: string) =>
      open !== '' && close === '' ? `(\\bmod ${modulus}` : `\\bmod ${modulus}`,
    )
    // "5!=120" ends in a factorial.
    .replace(/(?<=\d)!=(?!=)/g, '! =')
    // 2.5 x 10^4
    .replace(/(?<=\d)\s*[xX*]\s*10\s*(?=\^|\*\*)/g, '\\times 10')
    .replace(/(?<=[\d}])\s*\\(?:text|mathrm)\s*\{\s*(?:to)\s*\}\s*(?=\d)/g, ':')
    .replace(/(?<=\d)\s*(?:\\(?:text|mathrm)\s*\{\s*(?:out of|in every)\s*\}|out of)\s*(?=\d)/g, '/')
    .replace(/\.\s?\.\s?\.(?:\s?\.)?/g, '\\ldots ')
    .replace(UNIT_FRACTION, '\\text{$1/$2}')
    // The digits of a numeral with letters: \text{A5}_{11}.
    .replace(/\\(?:text|mathrm)\s*\{\s*([0-9A-Z]+)\s*\}\s*_/g, '$1_');
  const ended = withRepeatingDecimals(withoutEnd(cleaned));
  return ended.includes('\\in') ? ended.replace(DOMAIN, ', $1 \\in \\mathbb{$2}') : ended;
}

/** The set of a parameter at the end: `k\pi\ (k \in \mathbb{Z})`, `k\pi \text{ where } k \in \mathbb Z`. */
const DOMAIN =
  /(?<=[^\s,;({[\\])(?:[\s,;]|\\(?:quad|qquad|[,;: ])|\\(?:text|mbox)\s*\{\s*,?\s*(?:where|for|with|for all|for any|for some)?\s*\}){1,6}[([]?\s*([a-z])\s*\\in\s*\\?(?:mathbb\s*\{?\s*)?([ZN])\s*\}?\s*[)\]]?$/;

/** `^{\prime\prime}` */
const PRIMES = /\^\s*(?:\{(?:\s*\\prime(?![a-zA-Z]))+\s*\}|\\prime(?![a-zA-Z]))/g;

const NEGATED: Readonly<Record<string, string>> = { '\\in': '\\notin ', '=': '\\ne ', '\\equiv': '\\nequiv ' };

/** "mod 8" in words: `\text{ (mod 8)}`, `\text{mod } 8`. */
const REMAINDER = /\\(?:text|mathrm|mbox|operatorname)\s*\{\s*(\(?)\s*mod(?:ulo)?\.?\s*([^{}()]*)(\)?)\s*\}/g;

const ALIGNED =
  /\\(?:begin|end)\s*\{(?:cases|rcases|align(?:ed)?\*?|alignat\*?|eqnarray\*?|gather(?:ed)?\*?|split|equation\*?)\}/g;
/** A line that goes on with the equation before it. */
const CONTINUED = /^[\s&]*(?:=|<|>|\\(?:le|ge|leq|geq|approx|equiv|lt|gt)(?![a-zA-Z]))/;

/**
 * Lines of a system of equations are a list. A line that begins with a relation goes on with the one before; of steps towards one
 * value the last line counts.
 */
function withoutAlignment(text: string): string {
  if (!text.includes('\\begin') || text.search(ALIGNED) < 0 || text.includes('matrix')) return text;
  const isSystem = /\\begin\s*\{r?cases\}/.test(text);
  const lines: string[] = [];
  for (const line of text.replace(ALIGNED, ' ').split(/\\\\(?:\[[^\]]*\])?/)) {
    const plain = line.replace(/(?<!\\)&/g, ' ').replace(/\\(?:tag\s*\{[^{}]*\}|nonumber|notag)/g, ' ');
    if (plain.trim() === '') continue;
    if (lines.length > 0 && CONTINUED.test(line)) lines.push(`${lines.pop()} ${plain}`);
    else lines.push(plain);
  }
  return isSystem || !areSteps(lines) ? lines.join(' , ') : lines.at(-1)!;
}

/** Whether equations follow from one another, rather than each naming a value of its own. */
function areSteps(lines: readonly string[]): boolean {
  const sides = lines.map((line) => line.split('='));
  if (lines.length < 2 || sides.some((parts) => parts.length < 2)) return false;
  const names = sides.map(([left = '']) => left.replace(/\s|\\[,;!()[\]]|\$/g, ''));
  const isName = (side: string): boolean => /^\\?[a-zA-Z]+(?:_\{?\w+\}?)?'?$/.test(side);
  return !names.every(isName) || new Set(names).size < names.length ? isName(names.at(-1)!) : false;
}

/** The content of a box around the whole. */
function withoutBox(text: string): string {
  const command = /^[\s$]*\\(?:boxed|fbox)\s*(?=\{)/.exec(text);
  const group = command && balancedGroup(text, command[0].length);
  return group && /^[\s$.]*$/.test(text.slice(group.end)) ? group.content : text;
}

/** Takes away paired dollars, which delimit maths; a lone one is a currency. */
function withoutDollars(text: string): string {
  const dollars = text.match(/(?<!\\)\$/g)?.length ?? 0;
  return dollars % 2 === 0
    ? text.replace(/(?<!\\)\$/g, ' ')
    : text.replace(/(?<!\\)\$\$/g, ' ').replace(/(?<!\\)\$/g, '\\$');
}

/** Takes away the punctuation that ends a sentence, and Markdown's emphasis around the whole. */
function withoutEnd(text: string): string {
  const plain = text.trim().replace(/^\*\*([^*]*)\*\*([.,;:]?)$/, '$1$2');
  return plain.replace(/(?:\\[,;:!> ]|[\s.,;:])+$/, '').replace(/^[\s,;:]+/, '');
}
