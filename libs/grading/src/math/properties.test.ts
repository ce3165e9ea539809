import { describe, expect, it } from 'vitest';
import { getScorer } from '../index.ts';
import { MAX_STEPS } from './limits.ts';
import { compareAnswers } from './same.ts';

const math = getScorer('math');

const ANSWERS = [
  ...['5', '-\\frac{3}{4}', '2\\frac{1}{3}', '0.25', '1,234', '12\\%', '\\$4.50', '30^\\circ', '2\\sqrt{3}', '2^{10}'],
  ...[
    '3+4i',
    'x^2-1',
    '(x-1)(x+1)',
    '\\sin 2x',
    '2\\sin x\\cos x',
    '\\frac{x}{y}',
    '|x|',
    'n!',
    '\\log_2 8',
    '\\pi r^2',
  ],
  ...[
    '(1,2)',
    '[1,2]',
    '(1,2]',
    '(2,1)',
    '(-\\infty,3)\\cup(3,\\infty)',
    'x>2',
    '2<x',
    '\\{1,2\\}',
    '1,2',
    '2,1',
    '\\pm 3',
  ],
  ...['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', 'x=5', 'y=2x+1', '2x-y+1=0', '2:3', '5\\text{ cm}', '5\\text{ m}'],
  ...[
    '\\text{Evelyn}',
    '\\text{(B)}',
    'B',
    '\\emptyset',
    '\\infty',
    '1.50',
    '\\frac32',
    '3/2',
    '\\text{odd}',
    'e^{i\\pi}',
    '-1',
  ],
];

describe('equality of answers', () => {
  it('is reflexive', () => {
    for (const answer of ANSWERS) expect([answer, compareAnswers(answer, `${answer} `).equal]).toEqual([answer, true]);
  });

  it('is symmetric', () => {
    for (const a of ANSWERS)
      for (const b of ANSWERS) expect([a, b, compareAnswers(a, b).equal]).toEqual([a, b, compareAnswers(b, a).equal]);
  });

  it('does not change with white space, sizes and spacing commands', () => {
    const noise: ((answer: string) => string)[] = [
      (answer) => `  ${answer}\n`,
      (answer) => `$${answer}$`,
      (answer) => `\\(${answer}\\)`,
      (answer) => `\\displaystyle ${answer}`,
      (answer) => `\\!${answer}\\,`,
      (answer) => `\\mathbf{${answer}}`,
      (answer) => answer.replace(/([(])/g, '\\left$1 ').replace(/([)])/g, '\\right$1'),
      (answer) => answer.replace(/([(])/g, '\\bigl$1').replace(/([)])/g, '\\bigr$1'),
      (answer) => answer.replace(/([=+<])/g, ' $1\\; '),
      (answer) => answer.replaceAll('\\frac', '\\dfrac'),
    ];
    for (const a of ANSWERS)
      for (const change of noise)
        for (const b of [a, '5', '(1,2)'])
          expect([change(a), b, compareAnswers(b, change(a)).equal]).toEqual([
            change(a),
            b,
            compareAnswers(b, a).equal,
          ]);
  });

  it('never holds for an empty answer or for the whole number line', () => {
    for (const gold of ANSWERS)
      for (const answer of [
        '',
        ' ',
        '\\text{}',
        '\\text{ }',
        '$$',
        '\\,',
        '{}',
        '(-\\infty,\\infty)',
        '\\mathbb{R}',
        '\\text{all real numbers}',
      ])
        expect([gold, answer, compareAnswers(gold, answer).equal]).toEqual([gold, answer, false]);
  });
});

const PIECES = [
  ...[
    '1',
    '2',
    '12',
    '0',
    '3.5',
    'x',
    'y',
    'n',
    'i',
    'e',
    '\\pi',
    '\\frac',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '\\{',
    '\\}',
  ],
  ...[
    '^',
    '_',
    '+',
    '-',
    '*',
    '/',
    '=',
    '<',
    '>',
    '\\le',
    '\\cup',
    ',',
    ';',
    ' and ',
    ' or ',
    '\\text{',
    '\\text{ cm}',
  ],
  ...[
    '\\sqrt',
    '\\sin',
    '\\log',
    '|',
    '!',
    '%',
    '^\\circ',
    '$',
    '\\$',
    '\\boxed{',
    '\\begin{pmatrix}',
    '\\end{pmatrix}',
  ],
  ...['&', '\\\\', '\\pm', '\\infty', '\\overline{', '\\binom', '\\lfloor', '\\rfloor', '\\left', '\\right', ' ', '\n'],
  ...[
    '99999999',
    'The final answer is ',
    'answer: ',
    '####',
    'f(',
    '\\in',
    '\\mathbb{R}',
    ':',
    '~',
    '.',
    'é',
    '😀',
    '\\',
  ],
  ...['\\mathrm{', 'sqrt', 'word', 'cm', '\\approx', '9^{9^{9', '!!!!', '\\setminus', '\\sqrt[99]{', '(x+1)^{99}'],
];

/** A xorshift generator: the same strings in every run. */
function* randomStrings(count: number): Generator<string> {
  let state = 20_240_419;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  for (let made = 0; made < count; made += 1) {
    const pieces = 1 + below(below(20) === 0 ? 150 : 12);
    yield Array.from({ length: pieces }, () => PIECES[below(PIECES.length)]!).join('');
  }
}

describe('100,000 random strings', () => {
  it('crash nothing, always get a verdict, and take a bounded number of steps', () => {
    let most = 0;
    let position = 0;
    for (const text of randomStrings(100_000)) {
      const gold = ANSWERS[(position += 1) % ANSWERS.length]!;
      const verdict = math.score({ completion: text, gold, truncated: position % 3 === 0, choices: [] });
      expect(['SCORED', 'UNSCORABLE', 'TRUNCATED']).toContain(verdict.state);
      if (position % 5 === 0) most = Math.max(most, compareAnswers(text, gold).steps);
    }
    expect(most).toBeLessThan(MAX_STEPS / 2);
  }, 120_000);
});

describe('texts of 100,000 characters', () => {
  const UNITS = [
    '\\boxed{',
    '\\boxed{5}',
    '$',
    '$x$',
    '\\[',
    '(',
    '{',
    'answer is ',
    'final answer is ',
    '#### ',
    '1,',
    '\n',
    ' ',
    'is ',
  ];

  it.each(UNITS)('are read: %j repeated', (unit) => {
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    const verdict = math.score({ completion: `${text} \\boxed{5}`, gold: '5', truncated: false, choices: [] });
    expect(['SCORED', 'UNSCORABLE']).toContain(verdict.state);
  });

  it('are compared as text where they are the answer', () => {
    const nested = `${'('.repeat(50_000)}1${')'.repeat(50_000)}`;
    expect(compareAnswers('1', nested)).toMatchObject({ equal: false, steps: 0 });
    expect(compareAnswers(nested, nested).equal).toBe(true);
  });
});
