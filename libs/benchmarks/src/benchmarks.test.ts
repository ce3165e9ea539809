import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { loadBenchmark, type BenchmarkSpec, type Problem } from './index.ts';

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

test('a published set that repeats an id gives distinct ids', async () => {
  const choices = ['A', 'B'].map((label) => ({ label, text: label }));
  const row = { id: 'x', question: { stem: 'Which?', choices }, answerKey: 'B' };
  const problems = await load({ name: 'arc', file: file('twice.jsonl', row, row), style: 'zero-shot', ...whole });
  expect(problems.map(({ id }) => id)).toEqual(['x', 'x/row-1']);
});

test('files may be gzip, begin with a byte order mark, and hold blank lines', async () => {
  const text = '\uFEFF{"prompt": "zwölf?", "answer": 12}\r\n\r\n{"prompt": "p", "answer": "b"}';
  const packed = path.join(folder, 'packed.jsonl.gz');
  writeFileSync(packed, gzipSync(text));
  for (const name of [packed, file('marked.jsonl', text)]) {
    const problems = await load({ name: 'jsonl', file: name, style: 'zero-shot', ...whole });
    expect(problems.map(({ gold }) => gold)).toEqual(['12', 'b']);
    expect(textOf(problems[0]!)).toBe('zwölf?');
  }
});

test('a damaged gzip file is DATA_LOSS, a folder an INVALID_ARGUMENT', async () => {
  const cut = path.join(folder, 'cut.jsonl.gz');
  writeFileSync(cut, gzipSync('{"prompt": "p", "answer": 1}\n'.repeat(1000)).subarray(0, 60));
  const options = { name: 'jsonl', style: 'zero-shot', ...whole } as const;
  await expect(load({ ...options, file: cut })).rejects.toMatchObject({ code: 'DATA_LOSS' });
  await expect(load({ ...options, file: folder })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test.each([
  ['name', { name: 'none' }],
  ['style', { style: 'none' }],
  ['offset', { offset: -1 }],
  ['limit', { limit: 1.5 }],
  ['split', { name: 'arithmetic', split: 'none', count: 1, seed: 1n }],
])('a bad %s of a spec is an error that names it', async (field, change) => {
  const rows = file('sound.jsonl', { prompt: 'p', answer: 1 });
  const spec = { name: 'jsonl', file: rows, style: 'zero-shot', ...whole, ...change } as BenchmarkSpec;
  await expect(load(spec)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
});

const reference = path.resolve(
  fileURLToPath(new URL('../../../', import.meta.url)),
  process.env['HONE_REFERENCE_DATA'] ?? '../shared',
  'data',
);
describe.skipIf(!existsSync(reference))('the published sets (needs HONE_REFERENCE_DATA)', () => {
  test.each([
    ['gsm8k', 'gsm8k/train.jsonl', 7473],
    ['gsm8k', 'gsm8k/test.jsonl', 1319],
    ['arc', 'arc/ARC-Challenge-Train.jsonl', 1119],
    ['arc', 'arc/ARC-Challenge-Test.jsonl', 1172],
    ['arc', 'arc/ARC-Easy-Train.jsonl', 2251],
    ['arc', 'arc/ARC-Easy-Test.jsonl', 2376],
  ] as const)('%s: %s loads whole', async (name, rows, count) => {
    const problems = await load({ name, file: path.join(reference, rows), style: 'zero-shot', ...whole });
    expect(new Set(problems.map(({ id }) => id)).size).toBe(count);
    if (name === 'gsm8k') expect(problems.filter(({ demonstration }) => /<<|####/.test(demonstration!))).toEqual([]);
  });
});

test('a missing file is NOT_FOUND', async () => {
  await expect(
    load({ name: 'jsonl', file: path.join(folder, 'none'), style: 'zero-shot', ...whole }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
