/** Which commands and words mean what. */

/** Functions of one input that may stand without brackets: \sin x. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['sin', 'cos', 'tan', 'sec', 'csc', 'cot', 'arcsin', 'arccos', 'arctan', 'sinh', 'cosh', 'tanh'],
  ...['log', 'ln', 'lg', 'exp'],
]);

/** Commands that are another sign's spelling. */
export const MARKS: Readonly<Record<string, string>> = {
  cdot: '*',
  times: '*',
  ast: '*',
  div: '/',
  le: '<=',
  leq: '<=',
  leqslant: '<=',
  ge: '>=',
  geq: '>=',
  geqslant: '>=',
  lt: '<',
  gt: '>',
  ne: '!=',
  neq: '!=',
  in: 'in',
  approx: '~',
  pm: '±',
  mp: '∓',
  cup: 'union',
  cap: 'intersection',
  setminus: 'without',
  backslash: 'without',
  lvert: '|',
  rvert: '|',
  vert: '|',
  mid: '|',
  langle: '(',
  rangle: ')',
  lbrack: '[',
  rbrack: ']',
  lbrace: '\\{',
  rbrace: '\\}',
  colon: ':',
  degree: '°',
  prime: "'",
  pounds: '£',
  textdollar: '$',
  '%': '%',
  $: '$',
  '{': '\\{',
  '}': '\\}',
  '|': '|',
  '\\': '\\\\',
};

/** Commands that change how maths looks, not what it says. */
export const LOOKS: ReadonlySet<string> = new Set([
  ...['left', 'right', 'middle', 'big', 'Big', 'bigg', 'Bigg', 'bigl', 'bigr', 'Bigl', 'Bigr', 'biggl', 'biggr'],
  ...['displaystyle', 'textstyle', 'scriptstyle', 'limits', 'nolimits', 'quad', 'qquad', 'space', 'hfill', 'enspace'],
  ...[
    'thinspace',
    'bf',
    'rm',
    'it',
    'mathbf',
    'boldsymbol',
    'bm',
    'mathit',
    'mathsf',
    'mathcal',
    'hline',
    'boxed',
    'underline',
    'ensuremath',
    'fbox',
  ],
  ...['!', ',', ';', ':', '>', ' '],
]);

/** Commands whose group is text rather than maths. */
export const TEXTS: ReadonlySet<string> = new Set([
  ...[
    'text',
    'textbf',
    'textit',
    'textrm',
    'textsf',
    'texttt',
    'textnormal',
    'mbox',
    'hbox',
    'mathrm',
    'operatorname',
    'emph',
  ],
  'textsc',
]);

/** Other spellings of commands. */
export const SAME_COMMAND: Readonly<Record<string, string>> = {
  dfrac: 'frac',
  tfrac: 'frac',
  cfrac: 'frac',
  dbinom: 'binom',
  tbinom: 'binom',
  choose: 'binom',
  varnothing: 'emptyset',
  infin: 'infty',
  arcsin: 'arcsin',
  overrightarrow: 'vec',
};

/** Plain words that stand for a command. */
export const PLAIN_COMMANDS: Readonly<Record<string, string>> = {
  sqrt: 'sqrt',
  pi: 'pi',
  infinity: 'infty',
  infty: 'infty',
  inf: 'infty',
  oo: 'infty',
};

const NUMBER_WORDS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** The number that a word names, up to twelve, and sixteen for hexadecimal numerals. */
export function numberWord(word: string): number | undefined {
  const lower = word.trim().toLowerCase();
  if (lower === 'sixteen') return 16;
  const number = NUMBER_WORDS.indexOf(lower);
  return number < 0 ? undefined : number;
}

/** Whether letters in a row are a word rather than a product of variables: `feet`, `Monday`, but not `abc` or `xy`. */
export function isWord(letters: string): boolean {
  if (letters.length < 3) return false;
  if (/^[A-Z]+$/.test(letters)) return letters.length > 3;
  if (letters.length > 3) return !/^(?:[a-d]+|[p-t]+|[u-z]+|[k-n]+)$/.test(letters);
  return /[eou]/.test(letters) || /^[A-Z][a-z]+$/.test(letters) || SHORT_WORDS.has(letters.toLowerCase());
}

const SHORT_WORDS: ReadonlySet<string> = new Set([
  'day',
  'min',
  'and',
  'gal',
  'lbs',
  'hrs',
  'mph',
  'kph',
  'mil',
  'max',
  'sin',
]);
