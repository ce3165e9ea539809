import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mcNemar, proportion } from '@hone/statistics';
import { afterAll, describe, expect, test } from 'vitest';
import { earlierOf, readResult, withComparison } from './compare-result.ts';
import { markdown, resultTable } from './render.ts';
import { resultOf } from './result-fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hone-results-'));
afterAll(() => rmSync(folder, { recursive: true }));
const saved = (name: string, content: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

describe('the document', () => {
  test('carries what the result was measured with', () => {
    expect(resultOf([0, 1, 2])).toMatchObject({
      checkpoint: `checkpoints/${'c'.repeat(64)}`,
      problem_set: `problemSets/${'a'.repeat(64)}`,
      data_digest: 'b'.repeat(64),
      template_digests: ['d'.repeat(64)],
      scorer: { name: 'math', version: '3' },
      seed: '7',
      prompt: 'few-shot',
      shots: 4,
      voting: { k: 2, samples: 2, temperature: 0.8 },
    });
  });
  test('gives shares of completed, unscorable, truncated and failed completions', () => {
    expect(resultOf([0, 1, 2]).greedy_completions!.shares).toEqual({
      completed: 0.8,
      scored: 0.3,
      unscorable: 0.5,
      truncated: 0.1,
      error: 0.1,
    });
  });
  test('survives being written and read', () => {
    const result = resultOf([0, 1]);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

describe('comparing results', () => {
  test('pairs problems by id, with an earlier result from a file', () => {
    const earlier = readResult(saved('earlier.json', JSON.stringify(resultOf([0, 1, 9]))));
    const { comparison } = withComparison(resultOf([0, 1, 2, 3, 4]), earlier, 1n);
    expect(comparison!.with).toContain('M_1');
    expect(comparison!.differences.map(({ measure }) => measure)).toEqual(['greedy', 'pass@1', 'maj@2']);
    expect(comparison!.differences[0]).toMatchObject({ problems: 10, this: 0.5, other: 0.3 });
    expect(comparison!.differences[0]!.difference).toBeCloseTo(0.2, 12);
    const { pValue } = mcNemar(3, 1);
    expect(comparison!.mcnemar).toEqual({ this_only: 3, other_only: 1, p_value: pValue });
  });
  test.each([
    ['not json', /is not JSON/],
    ['{"benchmark": "math"}', /is no result of hone eval/],
  ])('a file with %s is refused', (content, message) => {
    expect(() => readResult(saved('bad.json', content))).toThrow(message);
  });
  test('a missing file is not found, and a result of another benchmark is refused', () => {
    expect(() => readResult(path.join(folder, 'none.json'))).toThrow(/not found/);
    const other = { ...earlierOf(resultOf([1])), benchmark: 'gsm8k' };
    expect(() => withComparison(resultOf([1]), other, 1n)).toThrow(/--compare: must be a result of math/);
  });
});

describe('for people', () => {
  const linesOf = (text: string): string[] => text.split('\n');
  const cells = (line: string): string[] => line.trim().split(/ {2,}/);

  test('the table has a row a metric with its interval and N; groups stand below', () => {
    const [head, , ...rows] = linesOf(resultTable([resultOf([0, 1, 2])])).map(cells);
    expect(head).toEqual(['task', 'metric', '%', '95 % interval', 'N', 'scorer']);
    expect(rows[0]).toEqual(['math test', 'greedy', '30.0', '[10.8, 60.3]', '10', 'math 3']);
    expect(rows.map((row) => row[1])).toEqual(['greedy', 'pass@1', 'pass@2', 'maj@2', 'greedy', 'greedy']);
    expect(rows.slice(4).map((row) => row[0])).toEqual(['· Algebra', '· Geo|metry']);
  });

  test('none of six is told with how much it may be, never as an exact zero', () => {
    const none = { greedy: proportion(0, 6), atK: [] };
    expect(resultTable([resultOf([], none)])).toMatch(/greedy +0\.0 +\[0\.0, 39\.0\] +6 /);
  });

  test('several results stand below each other with their models', () => {
    const rows = linesOf(resultTable([resultOf([0]), { ...resultOf([1]), model: 'M_2' }])).map(cells);
    const greedy = rows.filter(([task, metric]) => metric === 'greedy' && !task!.startsWith('·'));
    expect(greedy.map(([task]) => task)).toEqual(['math test M_1', 'math test M_2']);
  });

  test('a comparison is B - A, this result minus the earlier one, and says so', () => {
    const text = resultTable([withComparison(resultOf([0, 1, 2]), earlierOf(resultOf([9])), 1n)]);
    expect(text).toMatch(/^A: M_1 .*; B: M_1$/m);
    expect(text).toMatch(/^measure +A % +B % +B - A +95 % interval +N$/m);
    expect(text).toMatch(/^greedy +10\.0 +30\.0 +\+20\.0 /m);
    expect(text).toContain('only B solves 3, only A 1');
  });

  test('the Markdown has every column of every table lined up, and says what it was measured with', () => {
    const text = markdown(withComparison(resultOf([0, 1, 2]), earlierOf(resultOf([9])), 1n));
    const tables = text.split(/\n\n+/).filter((block) => block.startsWith('|'));
    expect(tables).toHaveLength(4);
    for (const table of tables) expect(new Set(table.split('\n').map(({ length }) => length)).size).toBe(1);
    expect(text).toContain('p = 0.625');
    for (const digest of ['a', 'b', 'c', 'd', 'e']) expect(text).toContain(digest.repeat(64));
  });
});
