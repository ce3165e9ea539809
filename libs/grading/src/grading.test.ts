import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { getScorer, scorerTypes, type Choice, type ScorerConfig, type Verdict } from './index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');

function score(
  scorer: string,
  completion: string,
  gold: string,
  extra: { truncated?: boolean; choices?: Choice[]; config?: ScorerConfig } = {},
): Verdict {
  return getScorer(scorer, extra.config).score({
    completion,
    gold,
    truncated: extra.truncated ?? false,
    choices: extra.choices ?? [],
  });
}
const scored = (verdict: Verdict): number | string => (verdict.state === 'SCORED' ? verdict.score : verdict.state);

test.each([
  ['#### 18', '18', 1],
  ['#### $18.00', '18', 1],
  ['3 * 6 = 18.\n#### 1,018', '1018', 1],
  ['Final answer: 3/4', '0.75', 1],
  ['Final answer: -7 degrees', '-7', 1],
  ['The answer is 8. Wait, the answer is 9.', '9', 1],
  ['#### 25%', '25', 1],
  ['5 + 6 = 11', '11', 1],
  ['10-3', '3', 1],
  ['#### 17', '18', 0],
  ['#### 1.8', '18', 0],
  ['#### 7\nQuestion: the next?\n#### 9', '7', 1],
  ['Final answer: 6 * 3 = 18', '18', 1],
  ['**Final answer:**\n\n18 dollars, for 3 days', '18', 1],
  ['#### Step 1\n5 + 6 = 11\n#### Step 2\nThe answer is 12.', '12', 1],
  ['#### .5', '1/2', 1],
  ['#### 1e3', '1,000', 1],
  ['I am not sure.', '7', 'UNSCORABLE'],
  ['', '7', 'UNSCORABLE'],
  ['Final answer: 10:30', '10', 'UNSCORABLE'],
  ['Final answer: 2^3', '2', 'UNSCORABLE'],
  ['Final answer: 2-3', '2', 'UNSCORABLE'],
  ['Final answer: 20 -> 21', '20', 'UNSCORABLE'],
])('gsm8k: %j against %s is %s', (completion, gold, expected) => {
  expect(scored(score('gsm8k', completion, gold))).toBe(expected);
});

test.each([
  ['#### $29.00', '29'],
  ['#### 12.5\\%', '12.5'],
  ['The answer is \\$1,234.50.', '1234.5'],
  ['1{,}234', '1234'],
  ['#### 12,34,567', '1234567'],
  ['#### 1\u00a0234', '1234'],
  ['#### 1.5 x 10^3', '1500'],
  ['$1.5 \\times 10^{3}$', '1500'],
  ['6 × 10⁻²', '0.06'],
  ['#### 10^6', '1000000'],
  ['1e-3', '0.001'],
  ['The answer is 2 1/2 hours', '2.5'],
  ['\\boxed{2\\frac{1}{2}}', '2.5'],
  ['\\boxed{\\frac{1}{2}}', '0.5'],
  ['The answer is 5 million dollars', '5,000,000'],
  ['The answer is -$5', '-5'],
  ['The answer is −5.', '-5'],
  ['10 - 3', '3'],
  ['\\boxed{x = 5}', '5'],
  ['The answer is 3 apples + 4 apples = 7 apples.', '7'],
  ['The answer is 5. Because 3 = 3', '5'],
  ['Answer:\n42\n\nThat is 40 and 2.', '42'],
  ['<answer>42</answer>', '42'],
  ['The final answer is $\\boxed{42}$. I hope it is correct.', '42'],
  ['#### 5\n#### ', '5'],
])('gsm8k reads %j as %s', (completion, gold) => {
  expect(scored(score('gsm8k', completion, gold))).toBe(1);
});

test.each([
  '[invalid]',
  '\\boxed{}',
  'So 12 it is. \\boxed{}',
  'The answer is 12 or 13.',
  '####',
  '   \n \t ',
  '.',
  '-',
  '$',
])('gsm8k: %j states no answer', (completion) => {
  expect(scored(score('gsm8k', completion, '12'))).toBe('UNSCORABLE');
});

test('gsm8k: a decimal comma is no thousands separator, and a near number is not the gold number', () => {
  expect(scored(score('gsm8k', '#### 3,5', '35'))).toBe(0);
  expect(scored(score('gsm8k', '#### 0.333', '1/3'))).toBe(0);
});

test('gsm8k: the gold may be a whole solution', () => {
  expect(score('gsm8k', '#### 18', 'She has 9 * 2 = <<9*2=18>>18.\n#### 18')).toMatchObject({
    score: 1,
    normalGold: '18',
  });
});

test('verdicts show both sides in normal form', () => {
  expect(score('gsm8k', '#### $29.50', '29.5')).toMatchObject({ answer: '59/2', normalGold: '59/2' });
  expect(score('choice', '(b)', 'b')).toMatchObject({ answer: 'B', normalGold: 'B' });
  expect(score('exact', ' New   York. ', 'New York')).toMatchObject({ answer: 'New York', normalGold: 'New York' });
});

test('a cut-off completion is judged only by a final answer that it states', () => {
  expect(scored(score('gsm8k', '3 + 4 = 7, then 7 + ', '7', { truncated: true }))).toBe('TRUNCATED');
  expect(scored(score('gsm8k', '#### 7 and so', '7', { truncated: true }))).toBe(1);
  expect(scored(score('choice', 'Final answer: (B) and', 'B', { truncated: true }))).toBe(1);
  expect(scored(score('choice', 'I look at option B first, which', 'B', { truncated: true }))).toBe('TRUNCATED');
});

test('an answer that touches the cut is not known to be whole', () => {
  expect(scored(score('gsm8k', '#### 1', '18', { truncated: true }))).toBe('TRUNCATED');
  expect(scored(score('gsm8k', '#### 1', '1', { truncated: false }))).toBe(1);
  expect(scored(score('exact', 'Final answer: New Yo', 'New York', { truncated: true }))).toBe('TRUNCATED');
});

test('a verdict says where the answer stands and which rule found it', () => {
  const completion = 'We get 4.\n#### 1,200 dollars';
  const verdict = score('gsm8k', completion, '1200');
  expect(verdict).toMatchObject({ state: 'SCORED', answer: '1200', rule: 'gsm8k.hashes' });
  if (verdict.state !== 'SCORED') throw new Error('not scored');
  expect(completion.slice(verdict.span.start, verdict.span.end)).toBe('1,200');
});

const ANIMALS: Choice[] = ['ant', 'blue whale', 'golden eagle'].map((text, i) => ({ label: 'ABC'[i]!, text }));
test.each([
  ['Because it is large. Final answer: (B)', 1],
  ['Final answer: B', 1],
  ['The answer is golden eagle.', 0],
  ['(B) blue whale', 1],
  ['**B**', 1],
  ['blue whale', 1],
  ['C is wrong. The answer is B.', 1],
  ['not C, so B', 1],
  ['**Final answer:**\n\n**(B)**', 1],
  ['2', 1],
  ['The answer is a large animal.', 'UNSCORABLE'],
  ['Both C and B', 'UNSCORABLE'],
])('choice: %j is %s', (completion, expected) => {
  expect(scored(score('choice', completion, 'B', { choices: ANIMALS }))).toBe(expected);
});

test('exact: white space and a final stop do not matter, anything else does', () => {
  expect(scored(score('exact', 'Final answer:  New   York.', 'New York'))).toBe(1);
  expect(scored(score('exact', 'New York City', 'New York'))).toBe(0);
});

test('a gold answer that the scorer cannot read is an error, not a 0', () => {
  expect(() => score('gsm8k', '#### 7', 'seven')).toThrow(/gold/);
  expect(() => score('choice', 'B', 'Z', { choices: ANIMALS })).toThrow(/gold/);
});

const WHALES: Choice[] = ['frog', 'blue whale', 'golden eagle', 'trout'].map((text, i) => ({
  label: 'ABCD'[i]!,
  text,
}));
test.each([
  'I choose B',
  'I would go with (B).',
  'The best choice is (B).',
  'The correct option is B',
  '\\boxed{\\textbf{B}}',
  '\\boxed{\\text{(B)}}',
  'The answer is $B$',
  'B is correct',
  '(B) is the right answer.',
  'Option A is incorrect. Option B is correct. Option C is incorrect.',
  'A blue whale',
  'It is the blue whale.',
  'Therefore, the largest is the blue whale.',
  'The answer is the second option',
  'The answer must be B',
  'Answer - B',
  'The correct answer is:\n\nB) blue whale',
  'B, because C is wrong',
  '<answer>B</answer>',
  '#### B',
])('choice reads %j as B', (completion) => {
  expect(score('choice', completion, 'B', { choices: WHALES })).toMatchObject({ state: 'SCORED', answer: 'B' });
});

test.each([
  '\\boxed{}',
  'The answer is B or C',
  'The answer is: (A) or (B)',
  'Both B and C',
  'Neither B nor C',
  'It is not (B).',
  'I',
  'A frog is small, and so is a trout.',
  '',
])('choice: %j states no choice', (completion) => {
  expect(scored(score('choice', completion, 'B', { choices: WHALES }))).toBe('UNSCORABLE');
});

test('regex: the group "answer", else the first group, else all of the last match counts', () => {
  const judged = (pattern: string, completion: string, more: ScorerConfig = {}): Verdict =>
    score('regex', completion, '7', { config: { pattern, ...more } });
  expect(judged('\\d+', 'first 3, then 7')).toMatchObject({ score: 1, span: { start: 14, end: 15 } });
  expect(judged('\\d+', 'first 3, then 7', { pick: 'first' })).toMatchObject({ score: 0, answer: '3' });
  expect(judged('Result: (\\d+)', 'RESULT: 7', { flags: 'i' })).toMatchObject({ score: 1 });
  expect(judged('(\\d) of (?<answer>\\d)', '3 of 7')).toMatchObject({ score: 1 });
  expect(scored(judged('= (\\S+)', '= 7.00'))).toBe(0);
  expect(scored(judged('= (\\S+)', '= 7.00', { compare: 'number' }))).toBe(1);
  expect(scored(judged('\\d*', 'nothing'))).toBe('UNSCORABLE');
});

test('a setting that a scorer does not take, or cannot use, is an error that names it', () => {
  expect(() => getScorer('gsm8k', { pattern: 'x' })).toThrow(/config\.pattern/);
  expect(() => getScorer('regex', {})).toThrow(/config\.pattern/);
  expect(() => getScorer('regex', { pattern: '(' })).toThrow(/config\.pattern/);
  expect(() => getScorer('regex', { pattern: 'x', flags: 'y' })).toThrow(/config\.flags/);
  expect(() => getScorer('regex', { pattern: 'x', pick: 'any' })).toThrow(/config\.pick/);
  expect(() => getScorer('regex', { pattern: 'x', nonsense: '' })).toThrow(/config\.nonsense/);
});

test('an unknown scorer is an error that names those there are', () => {
  expect(() => getScorer('none')).toThrow(/scorer: .*choice, exact, gsm8k/);
});

test('long and hostile inputs are judged in linear time', () => {
  const hostile = [
    '1,'.repeat(50_000),
    '####'.repeat(25_000),
    'answer is '.repeat(10_000),
    ' '.repeat(100_000),
    '\\boxed{'.repeat(15_000),
    '-'.repeat(100_000),
    '\n'.repeat(100_000),
    '7'.repeat(100_000),
    `0.${'7'.repeat(100_000)}`,
    `${'7'.repeat(50_000)}/${'3'.repeat(50_000)}`,
  ];
  for (const completion of hostile)
    for (const { name } of scorerTypes) {
      const config = name === 'regex' ? { pattern: '\\d+' } : {};
      expect(() => score(name, completion, name === 'choice' ? 'A' : '1', { config })).not.toThrow();
    }
});

describe.skipIf(!existsSync(reference))('against labelled answers (needs HONE_REFERENCE_DATA)', () => {
  const read = (file: string): string => readFileSync(path.join(reference, file), 'utf8');

  test('multiple choice: every human label', () => {
    const { items } = JSON.parse(read('golden/grading/arc.json'));
    const wrong = items.filter(
      ({
        labels,
        texts,
        completion,
        human_intended_label: intended,
      }: {
        labels: string[];
        texts: string[];
        completion: string | null;
        human_intended_label: string | null;
      }) => {
        const choices = labels.map((label, i) => ({ label, text: texts[i]! }));
        const verdict = score('choice', completion ?? '', labels[0]!, { choices });
        return (verdict.state === 'SCORED' ? verdict.answer : null) !== intended;
      },
    );
    expect(wrong.map((item: { completion: string }) => item.completion)).toEqual([]);
  });

  test('GSM8K: every human label', () => {
    const { items } = JSON.parse(read('golden/grading/gsm8k.json'));
    const labelled = items.filter((item: { human_correct: number | null }) => item.human_correct !== null);
    const wrong = labelled.filter((item: { completion: string; gold: string; human_correct: number }) => {
      const verdict = score('gsm8k', item.completion, item.gold);
      return (verdict.state === 'SCORED' ? verdict.score : 0) !== item.human_correct;
    });
    expect(wrong.map((item: { completion: string }) => item.completion)).toEqual([]);
  });

  test('GSM8K: the graded outputs of four models', () => {
    const rows = read('data/oracles/gsm8k_graded_outputs.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const wrong = rows.filter(({ output, gold, correct }) => (scored(score('gsm8k', output, gold)) === 1) !== correct);
    expect(wrong.map(({ output, gold, correct }) => ({ tail: output.slice(-80), gold, correct }))).toEqual([]);
  });

  test.each(['train', 'test'])(
    'every gold solution of the GSM8K %s set is right, also of its own whole text',
    (split) => {
      const rows = read(`data/gsm8k/${split}.jsonl`)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { answer: string });
      const wrong = rows.filter(({ answer }) => {
        const gold = answer.split('####')[1]!.trim();
        return scored(score('gsm8k', answer, gold)) !== 1 || scored(score('gsm8k', answer, answer)) !== 1;
      });
      expect(rows.length).toBeGreaterThan(1000);
      expect(wrong).toEqual([]);
    },
  );
});
