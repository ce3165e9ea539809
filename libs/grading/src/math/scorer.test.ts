import { HoneError } from '@hone/errors';
import { describe, expect, it } from 'vitest';
import { getScorer } from '../index.ts';

const score = (completion: string, gold: string, truncated = false) =>
  getScorer('math').score({ completion, gold, truncated, choices: [] });

const result = (completion: string, gold: string, truncated = false): unknown => {
  const verdict = score(completion, gold, truncated);
  return verdict.state === 'SCORED' ? [verdict.rule.replace('math.', ''), verdict.score] : verdict.state;
};

describe('where the answer is found', () => {
  it.each([
    ['Then $x=4$, so $\\boxed{\\frac{1}{2}}$ is it.', '1/2', ['boxed', 1]],
    ['\\boxed{x = \\boxed{5}}', '5', ['boxed', 1]],
    ['\\[\n\\boxed{\n3\n}\n\\]', '3', ['boxed', 1]],
    ['\\fbox{3}, that is', '3', ['boxed', 1]],
    ['It is \\boxed 9.', '9', ['boxed', 1]],
    ['It is $\\boxed{5$.', '5', ['boxed', 1]],
    ['The final answer is $\\frac12$. I hope it is correct.', '0.5', ['final_answer', 1]],
    ['Final Answer:\n\n$$x = 3$$', '3', ['final_answer', 1]],
    ['Final Answer: The largest $n$ is 34.', '34', ['final_answer', 1]],
    ['\\boxed{1} was my guess. Final Answer: The final answer is $2$.', '2', ['final_answer', 1]],
    ['The final answer is 7!', '7', ['final_answer', 1]],
    ['The final answer is $5!$!', '120', ['final_answer', 1]],
    ['The final answer is $\\boxed{5!}$', '120', ['boxed', 1]],
    ['We get 3.\n#### 42', '42', ['final_answer', 1]],
    ['**Answer:** 42', '42', ['answer', 1]],
    ['The answer is (3, 4).', '(3,4)', ['answer', 1]],
    ['The answer is $5$ cm.', '5\\text{ cm}', ['answer', 1]],
    ['The answer is 7, because 3+4=7', '7', ['answer', 1]],
    ['Answer: $x=5$ or $x=6$', '5,6', ['answer', 1]],
    ['28 percent', '28\\%', ['whole', 1]],
    ['x=5', '5', ['whole', 1]],
    ['Therefore the probability is 3/4.', '\\frac34', ['last_maths', 1]],
    ['Hence the price is $12.50.', '12.5', ['last_maths', 1]],
    ['The solutions are $x=1$ and $x=2$.', '1,2', ['last_maths', 1]],
    ['It equals ⅔.', '\\frac23', ['last_maths', 1]],
    ['\\[\\begin{aligned}x&=1\\\\y&=2\\end{aligned}\\]', '(1,2)', ['whole', 1]],
    ['Hence\n\\begin{align*}\nx&=1+2\\\\\n&=3\n\\end{align*}', '3', ['whole', 1]],
    ['even $2k$', 'even $2k$', ['whole', 1]],
    ['The sum is 23.\n\nNote that this uses $a+b=b+a$.', '23', ['last_maths', 1]],
    ['Of 30 there are 1,234 ways left.', '1234', ['last_maths', 1]],
  ])('%s', (completion, gold, expected) => {
    expect(result(completion, gold)).toEqual(expected);
  });

  it('the span is where the answer stands', () => {
    const completion = 'So \\boxed{7} it is.';
    const verdict = score(completion, '7');
    expect(verdict.state === 'SCORED' && completion.slice(verdict.span.start, verdict.span.end)).toBe('\\boxed{7}');
  });

  it('verdicts show both sides in normal form', () => {
    expect(score('\\boxed{\\frac{2}{4}}', '0.5')).toMatchObject({
      normalGold: '1/2',
      answer: '1/2',
    });
  });
});

describe('several boxes', () => {
  it('are one list where they are joined', () => {
    expect(result('$\\boxed{1}$ and $\\boxed{2}$', '2,1')).toEqual(['boxed', 1]);
    expect(result('\\boxed{1} as well as \\boxed{2}', '1,2')).toEqual(['boxed', 1]);
    expect(result('\\boxed{1}, \\boxed{2}', '1')).toEqual(['boxed', 0]);
  });

  it('are corrected by the last one where they are not', () => {
    expect(result('\\boxed{3}. No, that is wrong: \\boxed{4}', '4')).toEqual(['boxed', 1]);
    expect(result('\\boxed{3}. No, that is wrong: \\boxed{4}', '3')).toEqual(['boxed', 0]);
  });

  it('state nothing where the last one is empty', () => {
    for (const text of ['\\boxed{}', '\\boxed{ }', '\\boxed{5} \\boxed{}', '5 \\boxed{}'])
      expect(result(text, '5')).toBe('UNSCORABLE');
  });
});

describe('format tricks', () => {
  it('several answers at once are not the one that is right', () => {
    for (const text of [
      '\\boxed{5 \\text{ or } 6}',
      '\\boxed{5, 6}',
      'The answer is 5 or 6.',
      '\\boxed{\\{5,6\\}}',
      '\\boxed{\\pm 5}',
    ])
      expect(result(text, '5')).toEqual([expect.any(String), 0]);
  });

  it('what says everything is not right', () => {
    for (const text of [
      '(-\\infty,\\infty)',
      '\\mathbb{R}',
      '\\text{all real numbers}',
      '\\text{any number}',
      'x',
      '-\\infty<x<\\infty',
    ])
      for (const gold of ['5', '[0,1]', 'x>2', '\\{1,2\\}', 'y+1'])
        expect(result(`\\boxed{${text}}`, gold)).toEqual(['boxed', 0]);
  });

  it('an answer that is denied is none', () => {
    expect(result('The answer is not 5', '5')).toBe('UNSCORABLE');
  });

  it('a next problem that the model makes up does not count', () => {
    expect(result('\\boxed{5}\n\nProblem: 3+3?\n\\boxed{6}', '5')).toEqual(['boxed', 1]);
    expect(result('$5$\n\nQuestion: 3+3?\nThe answer is 6', '6')).toEqual(['whole', 0]);
    expect(result('\\boxed{5}<|im_end|>\\boxed{6}', '5')).toEqual(['boxed', 1]);
  });

  it('numbered parts of the same problem do count', () => {
    expect(result('We go through them.\nQuestion 1: 4.\nQuestion 2: 5.\nTogether \\boxed{9}.', '9')).toEqual([
      'boxed',
      1,
    ]);
  });
});

describe('states', () => {
  it('a cut-off completion is judged by what it states, and is TRUNCATED where that may go on', () => {
    expect(result('\\boxed{5} and so', '5', true)).toEqual(['boxed', 1]);
    for (const text of ['\\boxed{5', 'The answer is 5', 'then x = 5 so we', ''])
      expect(result(text, '5', true)).toBe('TRUNCATED');
  });

  it('a completion without maths is UNSCORABLE', () => {
    for (const text of ['', '   ', 'I do not know this.']) expect(result(text, '5')).toBe('UNSCORABLE');
  });

  it('the gold answer may be a solution that boxes it, and must not be empty', () => {
    expect(result('\\boxed{1,2}', 'So \\(\\boxed{1}\\) and \\(\\boxed{2}\\).')).toEqual(['boxed', 1]);
    for (const gold of ['', ' ', '\\boxed{}']) {
      expect(() => score('5', gold)).toThrow(HoneError);
      expect(() => score('5', gold)).toThrow('gold: must not be empty');
    }
  });

  it('answers too large to compare are an error, never a score', () => {
    const items = (shift: number): string =>
      Array.from({ length: 48 }, (_, at) => `\\sqrt{${at}+\\sqrt{${at + shift}+\\sqrt{2}}+\\sqrt3}`).join(',');
    expect(() => score(`\\boxed{${items(1)}}`, items(2))).toThrow('too large');
  });
});
