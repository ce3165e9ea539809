import { Tokenizer } from '@hone/tokenizer';
import { expect, test } from 'vitest';
import {
  arithmeticDemonstrations,
  arithmeticModelConfig,
  arithmeticProblems,
  arithmeticTokenizerFiles,
  type Problem,
} from '../../index.ts';

const textOf = ({ prompt }: Problem): string => {
  if (prompt.kind !== 'text') throw new Error('not a text');
  return prompt.text;
};

/** Computes a chain again: every equation, and that each goes on from the last. */
function followChain(chain: string): { sound: boolean; answer: number } {
  const lines = chain.split('\n');
  const equations = lines.slice(0, -1).map((line) => /^(\d+) ([-+*/]) (\d+) = (\d+)$/.exec(line)!.slice(1));
  const sound = equations.every(([a, operator, b, result], i) => {
    const [x, y] = [Number(a), Number(b)];
    const value = operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : x / y;
    return value === Number(result) && (i === 0 || a === equations[i - 1]![3]);
  });
  return { sound, answer: Number(/^#### (\d+)$/.exec(lines.at(-1)!)![1]) };
}

test('the solution computes the gold answer, step by step', () => {
  for (const { gold, solution, level } of arithmeticProblems({ split: 'train', count: 300, seed: 1n })) {
    expect(followChain(solution!)).toEqual({ sound: true, answer: Number(gold) });
    expect(solution!.split('\n')).toHaveLength(Number(level) + 1);
  }
});

test('splits share no problem, whatever their seeds', () => {
  const seen = new Set<string>();
  for (const [split, seed] of [
    ['test', 1n],
    ['validation', 1n],
    ['train', 2n],
    ['train', 3n],
  ] as const) {
    const texts = arithmeticProblems({ split, count: 400, seed }).map(textOf);
    expect(new Set(texts).size).toBe(400);
    if (split !== 'train') for (const text of texts) seen.add(text);
    else expect(texts.filter((text) => seen.has(text))).toEqual([]);
  }
});

test('the same seed gives the same problems, another seed others', () => {
  const problems = (seed: bigint) => arithmeticProblems({ split: 'test', count: 20, seed });
  expect(problems(1n)).toEqual(problems(1n));
  expect(problems(1n)).not.toEqual(problems(2n));
});

test('difficulty sets steps and ranges', () => {
  const difficulty = { minSteps: 5, maxSteps: 6, maxValue: 99, multiplication: false };
  for (const { solution } of arithmeticProblems({ split: 'test', count: 50, seed: 1n, difficulty })) {
    expect(solution).not.toMatch(/[*/]/);
    expect([6, 7]).toContain(solution!.split('\n').length);
  }
  expect(() => arithmeticProblems({ split: 'test', count: 1, seed: 1n, difficulty: { maxSteps: 1 } })).toThrow(
    /difficulty.maxSteps/,
  );
  expect(() => arithmeticProblems({ split: 'test', count: 0, seed: 1n })).toThrow(/count/);
});

test('careless demonstrations end wrong in about half of the cases, careful ones never', () => {
  const options = { count: 500, seed: 1n };
  const wrong = (carelessness: number): number =>
    arithmeticDemonstrations({ ...options, carelessness }).filter(({ completion }) => !followChain(completion).sound)
      .length;
  expect(wrong(0)).toBe(0);
  expect(wrong(0.5)).toBeGreaterThan(150);
  expect(wrong(0.5)).toBeLessThan(350);
  expect(wrong(1)).toBeGreaterThan(wrong(0.5));
});

test('every text is known to the tokenizer and comes back as it was', async () => {
  const files = Object.fromEntries(
    Object.entries(arithmeticTokenizerFiles()).map(([name, text]) => [name, Buffer.from(text)]),
  );
  const tokenizer = Tokenizer.fromFiles(files);
  expect(arithmeticModelConfig({ hiddenSize: 64, layers: 3, heads: 2, feedForward: 160 })['vocab_size']).toBe(
    tokenizer.vocabSize,
  );
  for (const problem of arithmeticProblems({ split: 'train', count: 200, seed: 1n })) {
    for (const text of [textOf(problem), problem.solution!]) {
      const ids = await tokenizer.encode(text, { addSpecialTokens: true });
      expect(ids[0]).toBe(tokenizer.bosTokenId);
      expect(ids).not.toContain(tokenizer.tokenId('<unk>'));
      expect(ids.length).toBeLessThan(80);
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(text);
    }
  }
});

test('a model whose heads cannot be rotated is refused', () => {
  expect(() => arithmeticModelConfig({ hiddenSize: 65, layers: 3, heads: 2, feedForward: 160 })).toThrow(/hiddenSize/);
});
