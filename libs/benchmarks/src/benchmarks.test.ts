import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { DataDigest, loadBenchmark, PROMPT_STYLES, type BenchmarkSpec, type Problem, type Selection } from './index.ts';
import { lastBoxed } from './problems/boxed.ts';

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

test('a published solution is kept as a completion that ends as the prompt asks; without one there is none', async () => {
  const gsm8k = file('solved-gsm8k.jsonl', { question: 'q', answer: 'So 3*4=<<3*4=12>>12\n#### 12' });
  const math = file(
    'solved-math.jsonl',
    { problem: 'q', solution: 'It is $\\boxed{8}$.' },
    { problem: 'q', answer: '9' },
  );
  const own = file('solved-own.jsonl', { prompt: 'q', answer: '9', solution: 'as ever: 9' });
  const style = 'zero-shot';
  const solutions = async (spec: BenchmarkSpec) => (await load(spec)).map(({ solution }) => solution);
  expect(await solutions({ name: 'gsm8k', file: gsm8k, style, ...whole })).toEqual(['So 3*4=12\nFinal answer: 12']);
  expect(await solutions({ name: 'math', file: math, style, ...whole })).toEqual([
    'It is $\\boxed{8}$.\nFinal answer: $8$',
    undefined,
  ]);
  expect(await solutions({ name: 'jsonl', file: own, style, ...whole })).toEqual(['as ever: 9']);
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

test('math rows become problems with LaTeX as gold, from the answer or from the last box of the solution', async () => {
  const rows = file(
    'math.jsonl',
    {
      problem: 'What is $2^3$?',
      level: 'Level 1',
      type: 'Algebra',
      solution: 'First \\boxed{7}, no: $\\boxed{\\frac{16}{2}}$.',
    },
    { problem: 'And $3^2$?', level: 2, subject: 'Number Theory', answer: '9', unique_id: 'test/9.json' },
    { problem: 'Without an answer', level: 'Level ?', subject: 'Geometry', answer: '', solution: null },
  );
  const problems = await load({ name: 'math', file: rows, style: 'few-shot', ...whole });
  expect(problems).toMatchObject([
    { id: 'math-0', gold: '\\frac{16}{2}', subject: 'Algebra', level: '1', question: 'What is $2^3$?' },
    { id: 'test/9.json', gold: '9', subject: 'Number Theory', level: '2' },
  ]);
  const text = textOf(problems[0]!);
  expect(text.match(/^Question: /gm)).toHaveLength(5);
  expect(text.match(/^Final answer: /gm)).toHaveLength(4);
  expect(text).toMatch(
    /^Your task is [^\n]*\\boxed, and conclude using the format "Final answer: \.\.\."\n\nQuestion: /,
  );
  expect(text).toMatch(/\n\nQuestion: What is \$2\^3\$\?\n\nSolution:$/);
});

test.each([
  ['it is \\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
  ['$\\fbox{a{b}c}$', 'a{b}c'],
  ['so $\\boxed 5$.', '5'],
  ['\\boxed{never closed', undefined],
  ['no box', undefined],
])('the last box of %s', (solution, boxed) => {
  expect(lastBoxed(solution)).toBe(boxed);
});

test('arc rows of the hub, in Parquet, are the same problems as rows of JSON lines', async () => {
  const parquet = fileURLToPath(new URL('../../../test/golden/parquet/arc.parquet', import.meta.url));
  const problems = await load({ name: 'arc', file: parquet, style: 'zero-shot', ...whole });
  expect(problems.map(({ id }) => id)).toEqual(Array.from({ length: 7 }, (_, i) => `row-${i}`));
  const rows = file(
    'same.jsonl',
    ...problems.map(({ id, choices, gold }, i) => ({
      id,
      question: { stem: `Which number is ${i} + 1? é你`, choices },
      answerKey: gold,
    })),
  );
  expect(await load({ name: 'arc', file: rows, style: 'zero-shot', ...whole })).toEqual(problems);
});

test('a file that is no Parquet is DATA_LOSS', async () => {
  const bad = file('bad.parquet', 'not parquet at all');
  const loading = load({ name: 'arc', file: bad, style: 'zero-shot', ...whole });
  await expect(loading).rejects.toMatchObject({ code: 'DATA_LOSS' });
});

test('a list in one .json, and several files, are read one after the other', async () => {
  const list = file('list.json', [
    { prompt: 'a', answer: 1 },
    { prompt: 'b', answer: 2 },
  ]);
  const one = file('one.json', { prompt: 'c', answer: 3 });
  const problems = await load({ name: 'jsonl', file: [list, one], style: 'zero-shot', ...whole });
  expect(problems.map(({ id, gold }) => [id, gold])).toEqual([
    ['row-0', '1'],
    ['row-1', '2'],
    ['row-2', '3'],
  ]);
});

describe('held-out problems', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ id: i, prompt: `question ${i % 38}`, answer: i }));
  const ids = async (selection: Selection, order = rows): Promise<string[]> => {
    const source = file('selection.jsonl', ...order);
    return (await load({ name: 'jsonl', file: source, style: 'zero-shot', ...whole, selection })).map(({ id }) => id);
  };
  test('both parts together are the whole, and the same question is never in both', async () => {
    const [heldOut, rest] = [
      await ids({ count: 10, seed: 1n, part: 'held-out' }),
      await ids({ count: 10, seed: 1n, part: 'rest' }),
    ];
    expect([...heldOut, ...rest].sort()).toEqual(rows.map(({ id }) => String(id)).sort());
    expect(heldOut.length).toBeGreaterThanOrEqual(10);
    for (const [one, other] of [
      ['0', '38'],
      ['1', '39'],
    ] as const)
      expect(heldOut.includes(one)).toBe(heldOut.includes(other));
  });
  test('they depend on the seed, not on the order of the file', async () => {
    const chosen = await ids({ count: 10, seed: 1n, part: 'held-out' });
    expect((await ids({ count: 10, seed: 1n, part: 'held-out' }, rows.toReversed())).sort()).toEqual(chosen.sort());
    expect((await ids({ count: 10, seed: 2n, part: 'held-out' })).sort()).not.toEqual(chosen.sort());
  });
  test('more than there are is an error', async () => {
    await expect(ids({ count: 40, seed: 1n, part: 'rest' })).rejects.toMatchObject({
      violations: [{ field: 'selection.count' }],
    });
  });
});

test('the digest of the data changes with a question or an answer, not with the prompt', async () => {
  const digest = async (answer: number, style: (typeof PROMPT_STYLES)[number]): Promise<string> => {
    const rows = file('digest.jsonl', { question: 'q', answer: `#### ${answer}` });
    const data = new DataDigest();
    for (const problem of await load({ name: 'gsm8k', file: rows, style, ...whole })) data.add(problem);
    return data.hex();
  };
  const plain = await digest(1, 'zero-shot');
  expect(plain).toMatch(/^[0-9a-f]{64}$/);
  for (const style of PROMPT_STYLES) expect(await digest(1, style)).toBe(plain);
  expect(await digest(2, 'zero-shot')).not.toBe(plain);
});

test('each style of a template has a digest of its own', async () => {
  const rows = file('styles.jsonl', { problem: 'p', answer: '1' });
  const digests = new Set<string>();
  for (const style of PROMPT_STYLES)
    for (const { templateDigest } of await load({ name: 'math', file: rows, style, ...whole }))
      digests.add(templateDigest);
  expect(digests.size).toBe(PROMPT_STYLES.length);
});

test("a user's own problems have no worked examples to show", async () => {
  const rows = file('no-examples.jsonl', { prompt: 'p', answer: 1 });
  const loading = load({ name: 'jsonl', file: rows, style: 'few-shot', ...whole });
  await expect(loading).rejects.toMatchObject({ violations: [{ field: 'style' }] });
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
    // Two of the 7,500 are published without an answer.
    ['math', 'math/train.jsonl', 7498],
    ['math', 'math/test.jsonl', 5000],
    ['math', 'math/math500.jsonl', 500],
    ['arc', 'arc/ARC-Challenge-Train.jsonl', 1119],
    ['arc', 'arc/ARC-Challenge-Test.jsonl', 1172],
    ['arc', 'arc/ARC-Easy-Train.jsonl', 2251],
    ['arc', 'arc/ARC-Easy-Test.jsonl', 2376],
  ] as const)('%s: %s loads whole', async (name, rows, count) => {
    const problems = await load({ name, file: path.join(reference, rows), style: 'zero-shot', ...whole });
    expect(new Set(problems.map(({ id }) => id)).size).toBe(count);
    if (name === 'gsm8k') expect(problems.filter(({ solution }) => /<<|####/.test(solution!))).toEqual([]);
  });
});

test('a missing file is NOT_FOUND', async () => {
  await expect(
    load({ name: 'jsonl', file: path.join(folder, 'none'), style: 'zero-shot', ...whole }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
