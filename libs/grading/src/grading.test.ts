import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { getScorer, scorers, type Choice, type Verdict } from './index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');

function score(
  scorer: string,
  completion: string,
  gold: string,
  extra: { truncated?: boolean; choices?: Choice[] } = {},
): Verdict {
  return getScorer(scorer).score({
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
])('gsm8k: %j against %s is %s', (completion, gold, expected) => {
  expect(scored(score('gsm8k', completion, gold))).toBe(expected);
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
    for (const { name } of scorers) expect(() => score(name, completion, name === 'choice' ? 'A' : '1')).not.toThrow();
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
});
