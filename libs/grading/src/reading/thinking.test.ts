import { describe, expect, test } from 'vitest';
import { getScorer, type Choice, type Verdict } from '../index.ts';
import { thoughtsIn } from './thinking.ts';

const CHOICES: Choice[] = ['ant', 'blue whale', 'golden eagle'].map((text, i) => ({ label: 'ABC'[i]!, text }));
const GOLD = { gsm8k: '12', choice: 'B', exact: 'blue whale', regex: '12', math: '12' };
type Name = keyof typeof GOLD;
const NAMES = Object.keys(GOLD) as Name[];

function score(name: Name, completion: string, truncated = false): Verdict {
  const scorer = getScorer(name, name === 'regex' ? { pattern: '(\\d+)\\D*$' } : {});
  return scorer.score({ completion, gold: GOLD[name], truncated, choices: name === 'choice' ? CHOICES : [] });
}
const facts = (it: Verdict): unknown =>
  it.state === 'SCORED' ? [it.score, it.answer, it.rule, it.written] : [it.state, it.message];

const TAGS = [
  ...['think', 'thinking', 'thought', 'reasoning', 'reflection', 'scratchpad', 'seed:think', 'THINK'].map(
    (name): [string, string] => [`<${name}>`, `</${name}>`],
  ),
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|channel|>analysis<|message|>', '<|end|><|start|>assistant<|channel|>final<|message|>'],
  ['', '</think>'],
] as [string, string][];

/** Thoughts that would mislead every scorer. */
const THOUGHTS = [
  'Final answer: 13. #### 13 \\boxed{13} The answer is C.\n\nC',
  '',
  '\n\n',
  'Question: what is 5+5?\nThe answer is 10.',
  'some `code` and ```\nan open fence',
  'The answer is 12 or (B)? Blue whale.',
];

const ANSWERS = [
  ...[
    '#### 12',
    'Final answer: 12',
    'So 5 + 7 = 12',
    '\\boxed{13}',
    'I do not know',
    '12',
    'Final answer: (B)',
    'B',
    '',
  ],
  ...['The answer is B.', 'blue whale', 'Final answer: blue whale', 'The answer is 12.\n\nQ: And 3+3?\nA: 6', 'C'],
  '#### 12<|eot_id|><|start_header_id|>user<|end_header_id|>And 3+3? #### 6',
  ...['Problem: 5 + 7?\nSolution: it is 12.\n#### 12', 'Use `<think>` in HTML. The answer is 12.'],
];

describe('a verdict is the same with and without a thought before it', () => {
  test.each(TAGS)('%s … %s', (open, close) => {
    for (const name of NAMES)
      for (const thought of THOUGHTS)
        for (const answer of ANSWERS)
          for (const truncated of [false, true])
            for (const gap of ['\n\n', '']) {
              const completion = `${open}${thought}${close}${gap}${answer}`;
              const label = [name, completion, truncated];
              expect([label, facts(score(name, completion, truncated))]).toEqual([
                label,
                facts(score(name, answer, truncated)),
              ]);
            }
  });
});

test('spans are those of the whole completion', () => {
  for (const [name, answer, found] of [
    ['gsm8k', '#### 1,200 dollars', '1,200'],
    ['choice', 'The answer is **B**', 'B'],
    ['exact', 'Final answer: New York', 'New York'],
    ['math', 'So \\boxed{7}.', '\\boxed{7}'],
  ] as const) {
    const completion = `<think>The answer is 5</think>\n\n${answer}\n<think>or not?</think>`;
    const verdict = score(name, completion);
    if (verdict.state !== 'SCORED') throw new Error(`${name}: ${verdict.message}`);
    expect(completion.slice(verdict.span.start, verdict.span.end)).toBe(found);
  }
});

test('a thought that does not end states no answer, and the verdict says so', () => {
  for (const name of NAMES)
    for (const open of [
      '<think>',
      '<thinking>\n',
      '[THINK]',
      '◁think▷',
      '<|channel|>analysis<|message|>',
      '<reasoning>',
    ]) {
      const completion = `${open}The answer is 12. #### 12 \\boxed{12}\n\nB`;
      expect(score(name, completion, true)).toMatchObject({ state: 'TRUNCATED', message: /thinking/ });
      expect(score(name, completion)).toMatchObject({ state: 'UNSCORABLE', message: /ends within its thinking/ });
    }
});

test.each<[string, string]>([
  ['<think>a <think>b</think> c</think>12', '12'],
  ['<think>a <think>b</think>12', '12'],
  ['<think>a</think>1<think>b</think>2', '1 2'],
  ['a </think> b </think> 12', '12'],
  ['<think>a</think> 12 </think>', '12 '],
  ['<thinking>a <reflection>b</reflection> c</thinking>12', '12'],
  ['<think>say `</think>` twice</think>12', '12'],
  ['analysisWe add.assistantfinal12', '12'],
  ['<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>12<|return|>', '12'],
  ['So <reflection>hm</reflection> it is 12', 'So  it is 12'],
])('%j says %j', (completion, said) => {
  const { ranges } = thoughtsIn(completion);
  let rest = '';
  let from = 0;
  for (const { start, end } of ranges) {
    rest += completion.slice(from, start);
    from = end;
  }
  const text = (rest + completion.slice(from)).replace(/^\s+/, '');
  expect(text.replace(/\s+/g, '')).toBe(said.replace(/\s+/g, ''));
});

test.each([
  'The tag `<think>` is opened, and `</think>` closes it. The answer is 12.',
  '```html\n<reasoning>\n</reasoning>\n```\nThe answer is 12.',
  'The "<think>" tag opens a thought. The answer is 12.',
  'Count the tags: <b>, <i>, <thought>.\nThe answer is 12.',
  'A page ends with </thought>, so there are 12 tags. The answer is 12.',
  'The string <think> has 7 characters; twice that less 2 is 12.',
])('what only speaks of a tag is read: %j', (completion) => {
  expect(score('gsm8k', completion)).toMatchObject({ state: 'SCORED', score: 1 });
});
