import { expect, test } from 'vitest';
import { getScorer, type Choice, type Verdict } from './index.ts';

const CHOICES: Choice[] = ['ant', 'blue whale', 'golden eagle'].map((text, i) => ({ label: 'ABC'[i]!, text }));
const SETTINGS = { regex: { pattern: '(\\w+)\\W*$' } };
const GOLD = { gsm8k: '12', choice: 'B', exact: 'blue whale', regex: 'whale', math: '12' };
type Name = keyof typeof GOLD;
const NAMES = Object.keys(GOLD) as Name[];

function score(name: Name, completion: string): Verdict {
  const scorer = getScorer(name, name === 'regex' ? SETTINGS.regex : {});
  return scorer.score({ completion, gold: GOLD[name], truncated: false, choices: CHOICES });
}

/** Deterministic numbers from 0 to 1 (mulberry32). */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  ...[
    '12',
    '1,200',
    '.5',
    '-',
    '$',
    '%',
    '/',
    '#### ',
    'Final answer: ',
    'The answer is ',
    '\\boxed{',
    '}',
    '{',
    '(B)',
    'B',
  ],
  ...[
    'blue whale',
    ' or ',
    ' = ',
    '10^',
    '\\frac',
    '\n',
    '\n\n',
    '  ',
    'Question:',
    '<answer>',
    'é',
    '😀',
    '\u0000',
    '\ud800',
    'x',
  ],
  ...['So ', 'Option ', ' is correct', '. ', ',', '²', '\\times 10^{3}', '1/0', 'A', 'C)'],
];

test('random texts crash no scorer, and spans lie within the completion', () => {
  const uniform = uniforms(7);
  for (let round = 0; round < 4000; round += 1) {
    const count = Math.floor(uniform() * 12);
    const completion = Array.from({ length: count }, () => PIECES[Math.floor(uniform() * PIECES.length)]).join('');
    for (const name of NAMES) {
      const verdict = score(name, completion);
      if (verdict.state !== 'SCORED') continue;
      const { start, end } = verdict.span;
      expect([name, completion, 0 <= start && start < end && end <= completion.length]).toEqual([
        name,
        completion,
        true,
      ]);
      expect([name, completion, verdict.answer !== '']).toEqual([name, completion, true]);
    }
  }
});

test.each([
  '',
  ' ',
  '\n\n\t',
  '\\boxed{}',
  '\\boxed{ }',
  'Final answer:',
  '####',
  '####\n',
  'The answer is',
  '$$',
  '\\[ \\]',
  '<answer></answer>',
])('an empty answer is never right: %j', (completion) => {
  for (const name of NAMES) expect(score(name, completion)).not.toMatchObject({ score: 1 });
  for (const name of ['gsm8k', 'choice'] as const) expect(score(name, completion).state).toBe('UNSCORABLE');
});

const ANSWERS: Record<Name, string[]> = {
  gsm8k: ['#### 12', 'Final answer: 12', 'The answer is $12.00', 'So 5 + 7 = 12', '\\boxed{13}', 'I do not know'],
  choice: ['Final answer: (B)', 'The answer is B', '(B) blue whale', 'blue whale', 'B', 'So C', 'I do not know'],
  exact: ['Final answer: blue whale', 'blue whale', 'a whale'],
  regex: ['blue whale', 'a whale.', 'an ant'],
  math: ['\\boxed{12}', 'Final answer: $12$', 'The answer is 13.'],
};

test('white space around a completion, and more of it between words, changes no verdict', () => {
  for (const name of NAMES) {
    for (const text of ANSWERS[name]) {
      const plain = score(name, text);
      for (const changed of [` ${text}`, `\n\n${text}`, `${text}\n`, `${text} \t \n`, text.replaceAll(' ', '  ')]) {
        const verdict = score(name, changed);
        const facts = (it: Verdict): unknown => (it.state === 'SCORED' ? [it.score, it.answer, it.rule] : it.state);
        expect([name, changed, facts(verdict)]).toEqual([name, changed, facts(plain)]);
      }
    }
  }
});
