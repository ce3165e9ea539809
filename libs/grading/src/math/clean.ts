/** Takes away what does not change an answer's meaning: delimiters, spacing, sizes, and other spellings of the same sign. */

import { balancedGroup } from './braces.ts';

const UNICODE: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '÷': '\\div ',
  π: '\\pi ',
  '∞': '\\infty ',
  '√': '\\sqrt ',
  '°': '^\\circ ',
  '≤': '\\le ',
  '≥': '\\ge ',
  '≠': '\\ne ',
  '±': '\\pm ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '≈': '\\approx ',
  '∅': '\\emptyset ',
  '²': '^2 ',
  '³': '^3 ',
  '½': '\\frac12 ',
  '¼': '\\frac14 ',
  '¾': '\\frac34 ',
  θ: '\\theta ',
  α: '\\alpha ',
  β: '\\beta ',
  ℝ: '\\mathbb{R}',
  '’': "'",
  '′': "'",
};
const UNICODE_SIGNS = new RegExp(`[${Object.keys(UNICODE).join('')}]`, 'gu');

/** Separators of thousands that cannot be anything else: `1{,}234`, `1,\!234`, `1\,234`. */
const THOUSANDS = /(\d)(?:\s*\{\s*,\s*\}|,\s*\\!|\\[,;:!]|\\ |~)\s*(?=\d{3}(?!\d))/g;

/** `\frac{\text{m}}{\text{s}}` */
const UNIT_FRACTION =
  /\\[dt]?frac\s*\{\s*\\(?:text|mathrm)\s*\{([^{}]*)\}\s*\}\s*\{\s*\\(?:text|mathrm)\s*\{([^{}]*)\}\s*\}/g;

/** `\frac{dy}{dx}`, `\frac{d^2y}{dx^2}`, `\frac{\partial f}{\partial x}` */
const DERIVATIVE =
  /\\[dt]?frac\s*\{\s*(d|\\partial)\s*(?:\^\s*\{?\s*(\d)\s*\}?)?\s*([a-zA-Z])\s*\}\s*\{\s*\1\s*([a-zA-Z])\s*(?:\^\s*\{?\s*\2\s*\}?)?\s*\}/g;

/** An answer without delimiters and noise; what it means is unchanged. */
export function cleanAnswer(text: string): string {
  let cleaned = withoutDollars(withoutBox(text).replace(UNICODE_SIGNS, (sign) => UNICODE[sign] ?? sign));
  // A doubled backslash before a command is an escaped one, but in a matrix it ends a row.
  if (!cleaned.includes('\\begin')) cleaned = cleaned.replace(/\\\\(?=[a-zA-Z!,;{}%$])/g, '\\');
  cleaned = withoutAlignment(cleaned);
  cleaned = cleaned
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
    .replace(UNIT_FRACTION, '\\text{$1/$2}')
    // The digits of a numeral with letters: \text{A5}_{11}.
    .replace(/\\(?:text|mathrm)\s*\{\s*([0-9A-Z]+)\s*\}\s*_/g, '$1_');
  return withoutEnd(cleaned);
}

const ALIGNED = /\\(?:begin|end)\s*\{(?:cases|aligned?\*?|align\*?|gathered|split)\}/g;

/** Lines of a system of equations are a list. */
function withoutAlignment(text: string): string {
  if (!text.includes('\\begin') || text.search(ALIGNED) < 0 || text.includes('matrix')) return text;
  return text
    .replace(ALIGNED, ' ')
    .replace(/(?<!\\)&/g, ' ')
    .replace(/\\\\(?:\[[^\]]*\])?/g, ' , ');
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
