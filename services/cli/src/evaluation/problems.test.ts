import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Home } from '../platform/home.ts';
import { digestedProblems, specOf, styleOf, type ProblemOptions } from './problems.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hone-problems-'));
afterAll(() => rmSync(folder, { recursive: true }));
const home = new Home(path.join(folder, 'home'));
const file = path.join(folder, 'own.jsonl');
writeFileSync(
  file,
  Array.from({ length: 20 }, (_, i) => JSON.stringify({ prompt: `question ${i}`, answer: i })).join('\n'),
);

const options = (change: Partial<ProblemOptions>): ProblemOptions => ({
  ...{ benchmark: 'jsonl', file, split: 'test', offset: 0, seed: 3n },
  ...change,
});
async function idsOf(change: Partial<ProblemOptions>): Promise<string[]> {
  const { problems } = digestedProblems(await specOf(home, options(change)));
  const ids: string[] = [];
  for await (const { id } of problems) ids.push(id);
  return ids;
}

test('the prompt is the one named, else the paper’s of the benchmark', () => {
  expect(styleOf(options({ benchmark: 'math' }))).toBe('few-shot');
  expect(styleOf(options({ benchmark: 'gsm8k' }))).toBe('zero-shot');
  expect(styleOf(options({ benchmark: 'math', prompt: 'zero-shot-chat' }))).toBe('zero-shot-chat');
});

test('held-out problems depend on their own seed, not on that of the votes', async () => {
  const chosen = await idsOf({ heldOut: 5 });
  expect(chosen).toHaveLength(5);
  expect(await idsOf({ heldOut: 5, seed: 4n })).toEqual(chosen);
  expect(await idsOf({ heldOut: 5, heldOutSeed: 1 })).not.toEqual(chosen);
});

test('the digest of the data is there behind the last problem', async () => {
  const digest = async (limit: number): Promise<string> => {
    const { problems, dataDigest } = digestedProblems(await specOf(home, options({ limit })));
    let count = 0;
    for await (const problem of problems) count += problem.id === '' ? 0 : 1;
    expect(count).toBe(limit);
    return dataDigest();
  };
  expect(await digest(3)).toBe(await digest(3));
  expect(await digest(3)).not.toBe(await digest(4));
});

test.each([
  [{ benchmark: 'none' }, /--benchmark: must be one of/],
  [{ file: undefined }, /--file: must be set for benchmark jsonl/],
  [{ benchmark: 'arithmetic' }, /arithmetic is generated/],
  [{ benchmark: 'arc', file: undefined }, /hone benchmarks import arc --split test/],
])('%j is an error that says what to do', async (change, message) => {
  const { file: named, ...rest } = { ...options({}), ...change };
  await expect(specOf(home, { ...rest, ...(named !== undefined && { file: named }) })).rejects.toThrow(message);
});
