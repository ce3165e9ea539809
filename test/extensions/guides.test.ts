/**
 * The examples of docs/guides, each put where its guide says into a copy of this repository, and used by the commands that the guide
 * names: one file is all that each takes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CopiedTree, EXAMPLES, type Placed } from './copied-tree.ts';

const PLACED = {
  scorer: {
    example: 'scorer/yes-no.ts',
    target: 'libs/grading/src/scorers/yes-no.ts',
    library: '@hone/grading',
    inside: '../method.ts',
  },
  rule: {
    example: 'rule/short-over-long.ts',
    target: 'libs/rules/src/rules/short-over-long.ts',
    library: '@hone/rules',
    inside: '../rule.ts',
  },
  loss: {
    example: 'loss/dpop.ts',
    target: 'libs/losses/src/losses/dpop.ts',
    library: '@hone/losses',
    inside: '../loss.ts',
  },
  family: {
    example: 'family/seed-oss.ts',
    target: 'libs/checkpoint/src/families/seed-oss.ts',
    library: '@hone/checkpoint',
    inside: '../family/kit.ts',
  },
  'another architecture': {
    example: 'family/opt/family.ts',
    target: 'libs/checkpoint/src/families/opt.ts',
    library: '@hone/checkpoint',
    inside: '../family/kit.ts',
  },
  decoder: {
    example: 'family/opt/decoder.ts',
    target: 'libs/models/src/decoders/opt.ts',
    library: '@hone/models',
    inside: '../kit.ts',
  },
  benchmark: {
    example: 'benchmark/svamp.ts',
    target: 'libs/benchmarks/src/suites/svamp.ts',
    library: '@hone/benchmarks',
    inside: '../kit.ts',
  },
} satisfies Record<string, Placed>;
/** Which guide speaks of it, where that is not the one of its name. */
const GUIDES: Readonly<Record<string, string>> = { 'another architecture': 'family', decoder: 'family' };
const guides = path.join(import.meta.dirname, '../../docs/guides');
const MODEL = path.join(EXAMPLES, 'family/tiny');
const ROWS = path.join(EXAMPLES, 'benchmark/rows.jsonl');

let tree: CopiedTree;
beforeAll(async () => {
  tree = new CopiedTree();
  for (const placed of Object.values(PLACED)) tree.put(placed);
  await tree.startUp('--recipes', path.join(EXAMPLES, 'recipe'));
}, 240_000);
afterAll(() => tree.remove());

/** A file of JSON lines in the copy. */
function lines(name: string, rows: readonly object[]): string {
  const file = tree.at(name);
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

test.each(Object.entries(PLACED))('the guide of a %s says where its example goes', (kind, placed) => {
  const text = readFileSync(path.join(guides, `${GUIDES[kind] ?? kind}.md`), 'utf8');
  const { example, target, library, inside } = placed;
  expect(text).toContain(`(../../examples/extensions/${example})`);
  expect(text).toContain(`\`${target}\``);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`Inside the library \`'${library}'\` is \`'${inside}'\``);
});

describe('a scorer', () => {
  test('judges a file', async () => {
    const input = lines('answers.jsonl', [
      { id: 'right', completion: 'No tax is due. Final answer: yes', gold: 'yes' },
      { id: 'wrong', completion: 'So it is: no.', gold: 'yes' },
      { id: 'none', completion: 'It depends.', gold: 'yes' },
      { id: 'cut', completion: 'Yes, becau', gold: 'yes', finish_reason: 'length' },
    ]);
    const output = await tree.hone('score', '--scorer', 'yes-no', '--input', input, '--json');
    const verdicts = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; state: string; score?: number });
    expect(verdicts.map(({ id, state, score = 0 }) => [id, state.replace('VERDICT_STATE_', ''), score])).toEqual([
      ['right', 'SCORED', 1],
      ['wrong', 'SCORED', 0],
      ['none', 'UNSCORABLE', 0],
      ['cut', 'TRUNCATED', 0],
    ]);
  });
});

describe('a benchmark', () => {
  test('is listed, and shows its problems as a model sees them', async () => {
    const listed = await tree.ask<{ name: string; scorer: string; splits: string[] }[]>('benchmarks', 'list');
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'svamp', scorer: 'gsm8k', splits: ['test', 'train'] }),
    );
    const shown = await tree.hone('benchmarks', 'show', 'svamp', '--file', ROWS);
    expect(shown).toContain('How many jars are not red?');
    expect(shown).toMatch(/--- gold: 7/);
  });
});

describe.each([
  ['that is built as Llama is', MODEL],
  ['of another architecture', path.join(EXAMPLES, 'family/opt/tiny')],
])('a model family %s', (_, model) => {
  const golden = JSON.parse(readFileSync(path.join(model, 'expected.json'), 'utf8')) as {
    ids: number[];
    logprobs: number[];
    prompt_length: number;
    greedy: number[];
  };

  test('has the log-probs of Transformers', async () => {
    const input = lines('ids.jsonl', [{ token_ids: golden.ids }]);
    const { logprobs } = await tree.ask<{ logprobs: number[] }>('logprobs', '--model', model, '--input', input);
    expect(logprobs).toHaveLength(golden.logprobs.length);
    logprobs.forEach((value, i) => expect(Math.abs(value - golden.logprobs[i]!)).toBeLessThan(1e-4));
  });

  test('has the greedy tokens of Transformers', async () => {
    const input = lines('prompt.jsonl', [{ token_ids: golden.ids.slice(0, golden.prompt_length) }]);
    const flags = ['--input', input, '--max-tokens', String(golden.greedy.length), '--ignore-eos'];
    const { token_ids } = await tree.ask<{ token_ids: number[] }>('generate', '--model', model, ...flags);
    expect(token_ids).toEqual(golden.greedy);
  });
});

interface Ran {
  readonly run: string;
  readonly recipe: string;
  readonly state: string;
  readonly iterations: readonly { readonly pairs: number; readonly steps: readonly { readonly name: string }[] }[];
}

let finished: Ran | undefined;

describe('a rule, a loss and a recipe', () => {
  test('are listed with their settings', async () => {
    const rules = await tree.ask<{ name: string }[]>('rules', 'list');
    expect(rules.map(({ name }) => name)).toContain('short-over-long');
    const recipes = await tree.ask<{ name: string }[]>('recipes', 'list');
    expect(recipes.map(({ name }) => name)).toContain('fixed-reference');
  });

  test('the rule is tried on a file', async () => {
    const completions = [
      { text: 'a', score: 1, tokens: 9 },
      { text: 'b', score: 1, tokens: 4 },
      { text: 'c', score: 0, tokens: 3 },
      { text: 'd', score: 0, tokens: 7 },
    ];
    const input = lines('judged.jsonl', [{ id: 'p', completions }]);
    const flags = ['--rule', 'short-over-long', '--input', input, '--set', 'per_problem=2', '--json'];
    const [first, second] = (await tree.hone('pairs', 'build', ...flags)).split('\n');
    expect([first, second].map((line) => JSON.parse(line!) as object)).toMatchObject([
      { chosen: 1, rejected: 3 },
      { chosen: 1, rejected: 2 },
    ]);
  });

  test('make a run, of the family on the benchmark', { timeout: 120_000 }, async () => {
    const file = tree.at('run.yaml');
    const run = {
      model: MODEL,
      benchmark: 'svamp',
      recipe: 'fixed-reference',
      iterations: 1,
      samples_per_problem: 64,
      sampling: { temperature: 4, max_tokens: 48 },
      evaluation: { max_tokens: 8 },
      pairs: { rule: 'short-over-long', per_problem: 3 },
      training: { preference: 'dpop', penalty: 5, learning_rate: 1e-6, max_steps: 2 },
      train: { file: ROWS },
      test: { file: ROWS },
    };
    writeFileSync(file, JSON.stringify(run));
    const ran = (finished = await tree.ask<Ran>('run', '-f', file));
    expect(ran).toMatchObject({ recipe: 'fixed-reference', state: 'RUN_STATE_SUCCEEDED' });
    expect(ran.iterations[1]!.pairs).toBeGreaterThan(0);
    expect(ran.iterations[1]!.steps.map(({ name }) => name)).toContain('train');
  });
});

test('what the guide of debugging looks at is there: state, samples, pairs and logs of the run', async () => {
  const { run } = finished!;
  expect(await tree.hone('runs', 'show', run)).toMatch(/short-over-long/);
  const samples = await tree.ask<object[]>('runs', 'samples', run, '--iteration', '1', '--right', '--limit', '1');
  expect(JSON.stringify(samples)).toMatch(/made-up-/);
  expect(JSON.stringify(await tree.ask('runs', 'pairs', run, '--iteration', '1'))).toMatch(/made-up-/);
});
