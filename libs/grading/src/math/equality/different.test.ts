/** Answers that are different are never equal: changes of one sign, and all pairs of answers of MATH's problems of a kind. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { equalAnswers } from './equal.ts';
import { Steps } from '../limits.ts';
import { withSamePairs } from '../tree/letter-pairs.ts';
import { readAnswer, type Reading } from '../parsing/read.ts';
import { compareAnswers } from '../same.ts';

const ANSWERS = [
  ...['7', '-\\frac{3}{4}', '2\\sqrt{3}', '12\\%', '30^\\circ', '3+4i', 'x^2-2x', '\\frac{x}{y}', 'a^m+b^n', '2^{10}'],
  ...['\\sin 2x', '\\log_2 x', '\\binom{9}{2}', '(1,-2)', '(3,5]', '(-\\infty,3)\\cup(4,9)', 'x\\le 3', '\\{4,5,6\\}'],
  ...[
    '1,2',
    'x=5',
    'y=3x+4',
    '2:3',
    '5\\text{ cm}',
    '23_5',
    '4\\pmod 9',
    'n!!',
    'f(x)+f(y)',
    'p(x)q(y)',
    'AB\\cdot CD',
  ],
  ...[
    '\\vec{u}\\times\\vec{v}',
    '1\\le|z|\\le 2',
    'k\\pi, k\\in\\mathbb{Z}',
    'm+n=29',
    '0.\\overline{37}',
    '\\lfloor x\\rfloor',
  ],
  ...['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '3\\text{ hours }20\\text{ minutes}', 'a+b+c', '\\sqrt[3]{x}+y'],
];

const NAME = /(?<![a-zA-Z\\{])([a-z])(?![a-zA-Z'_(])/;

/** Each changes what an answer says, where it changes it at all. */
const CHANGES: Readonly<Record<string, (answer: string) => string>> = {
  'another sign before all': (answer) => (/[=<,:}k]|\\le|\\times|hours|pmod|\(/.test(answer) ? answer : `-${answer}`),
  'a digit': (answer) => answer.replace(/\d(?!.*\d)/, (digit) => String((Number(digit) + 3) % 10)),
  'plus for minus': (answer) => answer.replace(/(?<=[\w}])\+(?=[\w\\])/, '-'),
  'top and bottom': (answer) => answer.replace(/\\frac\{([^{}]+)\}\{([^{}]+)\}/, '\\frac{$2}{$1}'),
  'no root': (answer) => answer.replace(/\\sqrt(?:\[3\])?/, ''),
  'another function': (answer) =>
    answer.replace('\\sin', '\\cos').replace('\\lfloor', '\\lceil').replace('rfloor', 'rceil'),
  'another bracket': (answer) => answer.replace(/\]$/, ')'),
  'a prime': (answer) => answer.replace(NAME, "$1'"),
  'an index': (answer) => answer.replace(NAME, '$1_7'),
  'a bar': (answer) => answer.replace(NAME, '\\bar{$1}'),
  'a square': (answer) => answer.replace(/(?<![a-zA-Z\\{])([a-z])(?![a-zA-Z'_(^])/, '$1^2'),
  'another name': (answer) => answer.replace(/(?<![a-zA-Z\\])[xyz](?![a-zA-Z])/, 't'),
  'another base': (answer) => answer.replace('_5', '_6').replace('_2', '_3'),
  'another modulus': (answer) => answer.replace('\\pmod 9', '\\pmod 8'),
  'one factorial': (answer) => answer.replace('!!', '!'),
  'sides exchanged': (answer) => answer.replace(/^(\S+?)(\\times|\\pmod|:)(.+)$/, '$3$2$1'),
  'inputs exchanged': (answer) =>
    answer.replace('p(x)q(y)', 'p(y)q(x)').replace('{9}{2}', '{2}{9}').replace('(1,-2)', '(-2,1)'),
  'letters exchanged': (answer) => answer.replace('AB\\cdot CD', 'AC\\cdot BD'),
  'another relation': (answer) => answer.replace('\\le', '\\ge').replace('\\cup', '\\cap'),
  'an unknown operator': (answer) => answer.replace(/\\cdot|\\times|(?<=\d)(?=x)/, '\\bowtie '),
  'one more': (answer) => (/pi|text/.test(answer) ? answer : `${answer}+1`),
};

describe.each(Object.entries(CHANGES))('%s', (_name, change) => {
  it('is another answer', () => {
    const changed = ANSWERS.map((answer) => [answer, change(answer)] as const).filter(
      ([answer, other]) => answer !== other,
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter(([a, b]) => compareAnswers(a, b).equal || compareAnswers(b, a).equal)).toEqual([]);
  });
});

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');

/** Pairs that are looked at; with HONE_ALL_PAIRS all of them, which takes minutes. */
const PAIRS = process.env['HONE_ALL_PAIRS'] === undefined ? 60_000 : Infinity;

/** The numbers that an answer may be by a reading that knows next to nothing: its digits, fractions, percent and degrees. */
function naiveValues(answer: string): number[] {
  const plain = answer
    .replace(/\\(?:text|mbox)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\[dt]?frac\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))/g, '+$1$2/($3$4)')
    .replace(/(?<!\d)\+/g, '')
    .replace(/\s|\\[!,; ]|[()$\\{}]/g, '')
    .replace(/^[a-zA-Z]=/, '')
    .replace('four', '4');
  const match = /^(-?)(\d*\.?\d*)(?:\+(\d+))?(?:[/:](\d+))?(pi)?/.exec(plain)!;
  const [, sign = '', first = '', top, bottom = '1'] = match;
  const size = top === undefined ? Number(first) / Number(bottom) : Number(first) + Number(top) / Number(bottom);
  const value = (sign === '-' ? -1 : 1) * size;
  return plain.includes('%') ? [value, value / 100] : [value];
}

const letters = (answer: string): string => answer.replace(/\\[a-z]+|[^\w-]/gi, '').toLowerCase();
/** Whether two answers that were found equal are so to that reading too, or have the same letters and digits. */
function isPlainlyEqual(a: string, b: string): boolean {
  if (letters(a) === letters(b) || [...letters(a)].sort().join('') === [...letters(b)].sort().join('')) return true;
  // An angle in degrees and in radians.
  if (/circ|pi/.test(a) && /circ|pi/.test(b)) return true;
  const [one, other] = [a, b].map((answer) => answer.split(/=|\\approx/).flatMap(naiveValues));
  return one!.some((value) => other!.some((second) => Math.abs(value - second) < 1e-9));
}

describe.skipIf(!existsSync(reference))('answers of one subject and level (needs HONE_REFERENCE_DATA)', () => {
  it('are equal only where they are the same number or text', () => {
    const found: string[] = [];
    for (const [a, b] of pairsOf(answersByKind(), PAIRS)) {
      const steps = new Steps();
      const equal = a.reading.meanings.some((one) =>
        b.reading.meanings.some((other) => equalAnswers(...withSamePairs(one, other), steps)),
      );
      if (equal && !isPlainlyEqual(a.answer, b.answer)) found.push(`${a.answer} = ${b.answer}`);
    }
    expect(found).toEqual([]);
  }, 3_600_000);
});

interface Read {
  readonly answer: string;
  readonly reading: Reading;
}

function answersByKind(): Read[][] {
  const kinds = new Map<string, Map<string, Read>>();
  for (const split of ['train', 'test'])
    for (const line of readFileSync(path.join(reference, `data/math/${split}.jsonl`), 'utf8')
      .trim()
      .split('\n')) {
      const { answer, subject, level } = JSON.parse(line) as { answer: string; subject: string; level: string };
      const reading = readAnswer(answer);
      const kind = kinds.get(`${subject} ${level}`) ?? new Map<string, Read>();
      kinds.set(`${subject} ${level}`, kind.set(reading.plain, { answer, reading }));
    }
  return [...kinds.values()].map((answers) => [...answers.values()]);
}

/** Pairs of each kind, every n-th of them so that there are about as many as wanted. */
function* pairsOf(kinds: readonly Read[][], wanted: number): Generator<readonly [Read, Read]> {
  const total = kinds.reduce((count, { length }) => count + (length * (length - 1)) / 2, 0);
  const stride = Math.max(1, Math.floor(total / wanted));
  let position = 0;
  for (const answers of kinds)
    for (let i = 0; i < answers.length; i += 1)
      for (let j = i + 1; j < answers.length; j += 1) {
        position += 1;
        if (position % stride === 0) yield [answers[i]!, answers[j]!];
      }
}
