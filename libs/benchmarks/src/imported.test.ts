import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  filesOfSplit,
  importedFile,
  importSplit,
  listImported,
  loadBenchmark,
  publicBenchmark,
  shots,
  splitOf,
} from './index.ts';

const root = mkdtempSync(path.join(tmpdir(), 'hone-imported-'));
afterAll(() => rmSync(root, { recursive: true }));
let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(root, 'home-'));
});
function rows(name: string, ...values: object[]): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, values.map((value) => JSON.stringify(value)).join('\n'));
  return file;
}
const origin = { benchmark: 'math', split: 'test', origin: 'a test', license: 'MIT' } as const;

describe('importing', () => {
  const one = { problem: 'p', solution: '\\boxed{1}', type: 'Algebra', level: 'Level 1' };
  test('keeps the rows of all files, says what they are, and they load as they did before', async () => {
    const files = [
      rows('a.jsonl', one),
      rows('b.jsonl', { problem: 'q', answer: '2' }, { problem: 'none', answer: '' }),
    ];
    const imported = await importSplit(path.join(home, 'benchmarks'), files, origin);
    expect(imported).toMatchObject({ ...origin, rows: 3, problems: 2 });
    expect(await listImported(path.join(home, 'benchmarks'))).toEqual([imported]);
    const file = await importedFile(path.join(home, 'benchmarks'), 'math', 'test');
    const load = async (from: string | string[]) => {
      const spec = { name: 'math', file: from, style: 'few-shot', offset: 0, limit: 0 } as const;
      const problems = [];
      for await (const problem of loadBenchmark(spec)) problems.push(problem);
      return problems;
    };
    expect(await load(file)).toEqual(await load(files));
  });

  test('the same rows again change nothing; others are refused', async () => {
    const parent = path.join(home, 'benchmarks');
    const first = await importSplit(parent, [rows('a.jsonl', one)], origin);
    expect(await importSplit(parent, [rows('again.jsonl', one)], origin)).toEqual(first);
    const other = importSplit(parent, [rows('c.jsonl', { ...one, problem: 'other' })], origin);
    await expect(other).rejects.toMatchObject({ reason: 'BENCHMARK_EXISTS' });
  });

  test('a file with a row that is no problem leaves nothing behind', async () => {
    const parent = path.join(home, 'benchmarks');
    const bad = importSplit(parent, [rows('bad.jsonl', one, { solution: 'no problem' })], origin);
    await expect(bad).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(readdirSync(path.join(parent, 'math'))).toEqual([]);
  });

  test('what was not imported is not found, with the command that imports it', async () => {
    await expect(importedFile(home, 'gsm8k', 'test')).rejects.toThrow(/hone benchmarks import gsm8k --split test/);
    expect(await listImported(path.join(home, 'nowhere'))).toEqual([]);
  });
});

describe('files of a split', () => {
  const found = (benchmark: string, split: string, paths: string[]): string[] =>
    filesOfSplit(paths, splitOf(publicBenchmark(benchmark), split));
  test('as the hub holds them', () => {
    const gsm8k = ['README.md', 'main/test-00000-of-00001.parquet', 'socratic/test-00000-of-00001.parquet'];
    expect(found('gsm8k', 'test', gsm8k)).toEqual(['main/test-00000-of-00001.parquet']);
    const math = ['algebra', 'geometry'].flatMap((name) => [
      `${name}/test-00000-of-00001.parquet`,
      `${name}/x.parquet`,
    ]);
    expect(found('math', 'test', math)).toEqual([
      'algebra/test-00000-of-00001.parquet',
      'geometry/test-00000-of-00001.parquet',
    ]);
    const arc = ['Challenge', 'Easy'].flatMap((set) =>
      ['train', 'test'].map((split) => `ARC-${set}/${split}-00000-of-00001.parquet`),
    );
    expect(found('arc', 'train', arc)).toHaveLength(2);
    expect(found('arc', 'test', arc)).toEqual(['ARC-Challenge/test-00000-of-00001.parquet']);
    expect(found('arc', 'easy-test', arc)).toEqual(['ARC-Easy/test-00000-of-00001.parquet']);
  });
  test('as people have them: JSON lines, and the archive with a file each problem', () => {
    expect(found('gsm8k', 'train', ['x/train.jsonl.gz', 'x/pretrain.jsonl'])).toEqual(['x/train.jsonl.gz']);
    const archive = ['MATH/train/algebra/10.json', 'MATH/train/algebra/9.json', 'MATH/test/algebra/1.json'];
    expect(found('math', 'train', archive)).toEqual(['MATH/train/algebra/9.json', 'MATH/train/algebra/10.json']);
    expect(found('arc', 'train', ['ARC-V1/ARC-Easy-Train.jsonl', 'ARC-V1/ARC-Challenge-Train.csv'])).toEqual([
      'ARC-V1/ARC-Easy-Train.jsonl',
    ]);
    expect(found('math', 'math500', ['nothing.txt'])).toEqual([]);
  });
  test('an unknown benchmark or split is an error that lists those there are', () => {
    expect(() => publicBenchmark('none')).toThrow(/arc, gsm8k, math/);
    expect(() => splitOf(publicBenchmark('gsm8k'), 'dev')).toThrow(/test, train/);
  });
});

test('the number of worked examples', () => {
  expect(shots('math', 'few-shot')).toBe(4);
  expect(shots('math', 'zero-shot-chat')).toBe(0);
  expect(shots('arc', 'examples-chat')).toBe(2);
  expect(shots('jsonl', 'zero-shot')).toBe(0);
});
