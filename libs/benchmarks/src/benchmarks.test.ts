import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Tokenizer } from '@hone/tokenizer';
import { afterAll, expect, test } from 'vitest';
import {
  arithmeticDemonstrations,
  arithmeticModelConfig,
  arithmeticProblems,
  arithmeticTokenizerFiles,
  loadBenchmark,
  type BenchmarkSpec,
  type Problem,
} from './index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hone-benchmarks-'));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, ...rows: (object | string)[]): string {
  const full = path.join(folder, name);
  writeFileSync(full, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return full;
}
async function load(spec: BenchmarkSpec): Promise<Problem[]> {
  const problems: Problem[] = [];
  for await (const problem of loadBenchmark(spec)) problems.push(problem);
  return problems;
}
const whole = { offset: 0, limit: 0 };
const textOf = ({ prompt }: Problem): string =>
  prompt.kind === 'text' ? prompt.text : prompt.messages.map(({ content }) => content).join('\n');

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

test('arithmetic: the demonstration computes the gold answer, step by step', () => {
  for (const { gold, demonstration, level } of arithmeticProblems({ split: 'train', count: 300, seed: 1n })) {
    expect(followChain(demonstration!)).toEqual({ sound: true, answer: Number(gold) });
    expect(demonstration!.split('\n')).toHaveLength(Number(level) + 1);
  }
});

test('arithmetic: splits share no problem, whatever their seeds', () => {
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

test('arithmetic: the same seed gives the same problems, another seed others', () => {
  const problems = (seed: bigint) => arithmeticProblems({ split: 'test', count: 20, seed });
  expect(problems(1n)).toEqual(problems(1n));
  expect(problems(1n)).not.toEqual(problems(2n));
});

test('arithmetic: difficulty sets steps and ranges', () => {
  const difficulty = { minSteps: 5, maxSteps: 6, maxValue: 99, multiplication: false };
  for (const { demonstration } of arithmeticProblems({ split: 'test', count: 50, seed: 1n, difficulty })) {
    expect(demonstration).not.toMatch(/[*/]/);
    expect([6, 7]).toContain(demonstration!.split('\n').length);
  }
  expect(() => arithmeticProblems({ split: 'test', count: 1, seed: 1n, difficulty: { maxSteps: 1 } })).toThrow(
    /difficulty.maxSteps/,
  );
  expect(() => arithmeticProblems({ split: 'test', count: 0, seed: 1n })).toThrow(/count/);
});

test('arithmetic: careless demonstrations end wrong in about half of the cases, careful ones never', () => {
  const options = { count: 500, seed: 1n };
  const wrong = (carelessness: number): number =>
    arithmeticDemonstrations({ ...options, carelessness }).filter(({ completion }) => !followChain(completion).sound)
      .length;
  expect(wrong(0)).toBe(0);
  expect(wrong(0.5)).toBeGreaterThan(150);
  expect(wrong(0.5)).toBeLessThan(350);
});

test('arithmetic: every text is known to the tokenizer and comes back as it was', () => {
  const files = Object.fromEntries(
    Object.entries(arithmeticTokenizerFiles()).map(([name, text]) => [name, Buffer.from(text)]),
  );
  const tokenizer = Tokenizer.fromFiles(files);
  expect(arithmeticModelConfig({ hiddenSize: 64, layers: 3, heads: 2, feedForward: 160 })['vocab_size']).toBe(
    tokenizer.vocabSize,
  );
  for (const problem of arithmeticProblems({ split: 'train', count: 200, seed: 1n })) {
    for (const text of [textOf(problem), problem.demonstration!]) {
      const ids = tokenizer.encode(text, { addSpecialTokens: true });
      expect(ids[0]).toBe(tokenizer.bosTokenId);
      expect(ids).not.toContain(tokenizer.tokenId('<unk>'));
      expect(ids.length).toBeLessThan(80);
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(text);
    }
  }
});

test('gsm8k rows become problems with the number as gold', async () => {
  const rows = file('gsm8k.jsonl', { question: 'How many?', answer: '3*400=<<3*400=1200>>1200\n#### 1,200' });
  const [problem] = await load({ name: 'gsm8k', file: rows, style: 'zero-shot', ...whole });
  expect(problem).toMatchObject({ gold: '1200', choices: [] });
  expect(textOf(problem!)).toMatch(/Final answer: \.\.\."\n\nQuestion: How many\?\n\nSolution:$/);
});

test('arc rows become problems with their options, in a chat with worked examples where asked', async () => {
  const choices = ['A', 'B', 'C'].map((label) => ({ label, text: `text ${label}` }));
  const rows = file('arc.jsonl', { id: 'x', question: { stem: 'Which?', choices }, answerKey: 'B' });
  const [problem] = await load({ name: 'arc', file: rows, style: 'examples-chat', ...whole });
  expect(problem).toMatchObject({ id: 'x', gold: 'B', choices });
  if (problem!.prompt.kind !== 'chat') throw new Error('not a chat');
  expect(problem!.prompt.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
  expect(problem!.prompt.messages.at(-1)!.content).toContain('(B) text B');
});

test('the digest of a template changes with the style, not with the problem', async () => {
  const rows = file('two.jsonl', { question: 'a', answer: '#### 1' }, { question: 'b', answer: '#### 2' });
  const [one, two] = await load({ name: 'gsm8k', file: rows, style: 'zero-shot', ...whole });
  const [chat] = await load({ name: 'gsm8k', file: rows, style: 'zero-shot-chat', ...whole });
  expect(one!.templateDigest).toBe(two!.templateDigest);
  expect(one!.templateDigest).not.toBe(chat!.templateDigest);
});

test('offset and limit cut a range out of a file', async () => {
  const rows = file('own.jsonl', ...Array.from({ length: 5 }, (_, i) => ({ prompt: `p${i}`, answer: i })));
  const problems = await load({ name: 'jsonl', file: rows, style: 'zero-shot', offset: 1, limit: 2 });
  expect(problems.map(({ gold }) => gold)).toEqual(['1', '2']);
});

test.each([
  ['gsm8k', ['not json'], /:1: is not JSON/],
  ['gsm8k', [{ question: 'q', answer: 'no marker' }], /:1: .*####/],
  ['arc', [{ question: { stem: 's', choices: [{ label: 'A', text: 't' }] }, answerKey: 'A' }], /:1: choices/],
  [
    'jsonl',
    [
      { prompt: 'p', answer: 1, id: 'x' },
      { prompt: 'p', answer: 1, id: 'x' },
    ],
    /:2: id "x" occurs twice/,
  ],
  ['jsonl', [{ prompt: 'p' }], /:1: must have a text field "answer"/],
  ['jsonl', [], /holds no problems/],
] as const)('a bad file of %s is an error that names file and line', async (name, rows, message) => {
  const bad = file(`bad-${name}-${rows.length}.jsonl`, ...rows);
  await expect(load({ name, file: bad, style: 'zero-shot', ...whole })).rejects.toThrow(message);
});

test('a missing file is NOT_FOUND', async () => {
  await expect(
    load({ name: 'jsonl', file: path.join(folder, 'none'), style: 'zero-shot', ...whole }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
