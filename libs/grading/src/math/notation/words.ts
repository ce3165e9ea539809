/** Which commands and words mean what. */
import { GREEK_NAMES } from './unicode.ts';

/** Functions of one input that may stand without brackets: \sin x. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['sin', 'cos', 'tan', 'sec', 'csc', 'cot', 'arcsin', 'arccos', 'arctan', 'sinh', 'cosh', 'tanh'],
  ...['arccot', 'arcsec', 'arccsc', 'coth', 'sech', 'csch', 'arcsinh', 'arccosh', 'arctanh'],
  ...['log', 'ln', 'lg', 'exp', 'cis', 'gcd', 'lcm', 'abs', 'floor', 'ceil'],
]);

/** Functions that are such only as commands, or as names of operators: "min" is a minute, "deg" a degree. */
export const COMMAND_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['max', 'min', 'det', 'dim', 'arg', 'Arg', 'deg', 'ker', 'Re', 'Im', 'rank', 'tr', 'sgn', 'neg', 'adj', 'Pr'],
]);

/** Operators between two values that need not commute, and that only their two sides define. */
export const OPERATORS: ReadonlySet<string> = new Set(['circ', 'oplus', 'ominus', 'otimes', 'odot', 'star', 'bullet']);

/** Marks over letters, which make other names of them. */
export const ACCENTS: ReadonlySet<string> = new Set([
  ...['overline', 'vec', 'hat', 'tilde', 'dot', 'ddot', 'mathbb', 'mathfrak', 'mathscr', 'overarc', 'check', 'breve'],
]);

/** Figures that are named by the letters behind them. */
export const FIGURES: ReadonlySet<string> = new Set(['angle', 'triangle']);

/** Commands that are a sign of their own among words. */
export const SIGNS: ReadonlySet<string> = new Set([
  ...['heartsuit', 'spadesuit', 'clubsuit', 'diamondsuit', 'square', 'Box', 'blacksquare', 'bigstar', 'dagger'],
]);

/** Commands that are a letter: variables and constants without a name in words of their own. */
export const LETTERS: ReadonlySet<string> = new Set([
  ...GREEK_NAMES,
  ...['ell', 'hbar', 'imath', 'jmath', 'aleph', 'wp', 'top'],
]);

/** Commands that are another sign's spelling. */
export const MARKS: Readonly<Record<string, string>> = {
  cdot: '*',
  times: '×',
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
  notin: 'notin',
  approx: '~',
  equiv: '≡',
  nequiv: 'nequiv',
  subset: 'subset',
  subseteq: 'subseteq',
  supset: 'supset',
  supseteq: 'supseteq',
  perp: 'perp',
  parallel: 'parallel',
  sim: 'sim',
  cong: 'cong',
  propto: 'propto',
  to: 'to',
  implies: 'implies',
  iff: 'iff',
  nmid: 'nmid',
  land: 'land',
  lor: 'lor',
  choose: 'choose',
  over: 'over',
  pm: '±',
  mp: '∓',
  cup: 'union',
  cap: 'intersection',
  setminus: 'without',
  backslash: 'without',
  lvert: '|',
  rvert: '|',
  vert: '|',
  Vert: '|',
  lVert: '|',
  rVert: '|',
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
    'mathnormal',
    'strut',
    'nonumber',
    'notag',
    'smash',
    'it',
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

/** Commands that make letters bold. */
export const BOLD: ReadonlySet<string> = new Set(['mathbf', 'boldsymbol', 'bm', 'pmb', 'boldmath']);

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
  varnothing: 'emptyset',
  infin: 'infty',
  overrightarrow: 'vec',
  bar: 'overline',
  widehat: 'hat',
  widetilde: 'tilde',
  wideparen: 'overarc',
  Bbb: 'mathbb',
  mathds: 'mathbb',
  leqq: 'le',
  geqq: 'ge',
  simeq: 'cong',
  rightarrow: 'to',
  longrightarrow: 'to',
  Rightarrow: 'implies',
  Longrightarrow: 'implies',
  Leftrightarrow: 'iff',
  leftrightarrow: 'iff',
  Longleftrightarrow: 'iff',
  wedge: 'land',
  vee: 'lor',
  lnot: 'neg',
  varphi: 'phi',
  varepsilon: 'epsilon',
  vartheta: 'theta',
  measuredangle: 'angle',
  dots: 'ldots',
  cdots: 'ldots',
  dotsc: 'ldots',
  dotsb: 'ldots',
  dotsm: 'ldots',
  mod: 'bmod',
  pod: 'pmod',
  tg: 'tan',
  ctg: 'cot',
  cotg: 'cot',
  arctg: 'arctan',
  arcctg: 'arccot',
  cosec: 'csc',
  sh: 'sinh',
  ch: 'cosh',
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  asinh: 'arcsinh',
  acosh: 'arccosh',
  atanh: 'arctanh',
};

/** Sets of numbers by commands of their own. */
export const NUMBER_SETS: Readonly<Record<string, string>> = { R: 'R', Z: 'Z', N: 'N', Q: 'Q', C: 'C', reals: 'R' };

const GRAMMAR: ReadonlySet<string> = new Set([
  ...[
    'frac',
    'binom',
    'sqrt',
    'infty',
    'emptyset',
    'begin',
    'end',
    'lfloor',
    'lceil',
    'rfloor',
    'rceil',
    'ldots',
    'pi',
  ],
  ...['bmod', 'pmod'],
]);
const KNOWN: readonly ReadonlySet<string>[] = [
  ...[FUNCTIONS, COMMAND_FUNCTIONS, OPERATORS, ACCENTS, FIGURES, SIGNS, LETTERS, LOOKS, BOLD, TEXTS, GRAMMAR],
  new Set([...Object.keys(MARKS), ...Object.keys(SAME_COMMAND), ...Object.keys(NUMBER_SETS)]),
];

/** Whether a command is one that is understood. */
export const isCommand = (name: string): boolean => KNOWN.some((names) => names.has(name));

/** Plain words that stand for a command. */
export const PLAIN_COMMANDS: Readonly<Record<string, string>> = {
  ...{ alpha: 'alpha', beta: 'beta', gamma: 'gamma', delta: 'delta', epsilon: 'epsilon', theta: 'theta', phi: 'phi' },
  ...{ lambda: 'lambda', sigma: 'sigma', omega: 'omega' },
  sqrt: 'sqrt',
  pi: 'pi',
  mod: 'bmod',
  modulo: 'bmod',
  binom: 'binom',
  ...{ asin: 'arcsin', acos: 'arccos', atan: 'arctan' },
  infinity: 'infty',
  infty: 'infty',
  inf: 'infty',
  oo: 'infty',
};

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
