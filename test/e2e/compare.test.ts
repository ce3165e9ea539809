/** Methods compared by the built `hone`, as a user does it: with services of the command's own, stopped and killed on the way. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestHome } from './home.ts';
import { buildServices } from './platform.ts';

const MODEL = fileURLToPath(new URL('../golden/models/untied', import.meta.url));

const home = new TestHome();
beforeAll(() => buildServices(), 120_000);
afterAll(() => home.remove());

const COMPARISON = {
  name: 'tiny',
  base: {
    model: MODEL,
    benchmark: 'arithmetic',
    difficulty: { min_steps: 1, max_steps: 1, max_operand: 2, max_start: 3 },
    train: { count: 60 },
    test: { count: 20 },
    iterations: 2,
    samples_per_problem: 24,
    sampling: { temperature: 1, max_tokens: 8 },
    training: { learning_rate: 1e-5, max_steps: 4 },
  },
  methods: {
    // The tiny model knows nothing: a cut-off completion loses against a lucky one.
    irpo: {
      pairs: { per_problem: 2, unscorable: 'loser', truncated_lose: true },
      evaluation: { majority_k: 4, majority_temperature: 1 },
    },
    sft: { recipe: 'sft-chosen', iterations: null },
  },
  seeds: [1, 2],
  pairs: { count: 10 },
  findings: [
    { kind: 'improves', method: 'irpo' },
    { kind: 'beats', method: 'irpo', over: 'sft', at: 1 },
    { kind: 'chosen_log_prob', method: 'sft', moves: 'rises' },
    { kind: 'rejected_log_prob', method: 'irpo', moves: 'rises' },
    { kind: 'majority_beats_greedy', method: 'irpo' },
  ],
};

function comparisonFile(change: object = {}): string {
  const file = path.join(home.folder, 'compare.yaml');
  writeFileSync(file, JSON.stringify({ ...COMPARISON, ...change }));
  return file;
}

interface Document {
  readonly methods: readonly {
    readonly method: string;
    readonly seeds: readonly {
      readonly seed: number;
      readonly run: string;
      readonly end: string;
      readonly iterations: readonly Record<string, unknown>[];
    }[];
  }[];
  readonly paired_tests: readonly object[];
  readonly findings: readonly { readonly claim: string; readonly holds: boolean; readonly evidence: string }[];
}

const MEASURED = {
  checkpoint: expect.stringMatching(/^checkpoints\//),
  greedy: { correct: expect.any(Number), total: 20, interval: [expect.any(Number), expect.any(Number)] },
  tokens_sampled: expect.any(Number),
  tokens_trained: expect.any(Number),
  log_probs: {
    chosen: { before: expect.any(Number), after: expect.any(Number) },
    rejected: { before: expect.any(Number), after: expect.any(Number) },
  },
};

it(
  'a comparison that was stopped and killed goes on by the same command, and no run is made twice',
  { timeout: 300_000 },
  async () => {
    const file = comparisonFile();
    const stopped = await home.honeUntil('irpo, seed 1: iteration 0:', 'SIGINT', 'compare', '-f', file);
    expect(stopped).toMatchObject({ code: 130, stderr: expect.stringMatching(/go on with: hone .*compare -f/) });
    await home.honeUntil('irpo, seed 2: runs/', 'SIGKILL', 'compare', '-f', file);
    const [markdownFile, plots] = [path.join(home.folder, 'out.md'), path.join(home.folder, 'plots')];
    const document = await home.ask<Document>('compare', '-f', file, '--markdown', markdownFile, '--plots', plots);
    expect(
      document.methods.map(({ method, seeds }) => [method, ...seeds.map(({ seed, end }) => `${seed} ${end}`)]),
    ).toEqual([
      ['irpo', '1 succeeded', '2 succeeded'],
      ['sft', '1 succeeded', '2 succeeded'],
    ]);
    for (const { iterations } of document.methods.flatMap(({ seeds }) => seeds))
      for (const measured of iterations.slice(1)) expect(measured).toMatchObject(MEASURED);
    expect(document.findings).toHaveLength(COMPARISON.findings.length);
    for (const { evidence } of document.findings) expect(evidence).not.toMatch(/Not measured/);
    expect(document.paired_tests.length).toBeGreaterThan(0);
    const markdown = readFileSync(markdownFile, 'utf8');
    expect(markdown).toMatch(/^## tiny\n[\s\S]*\| irpo .*±/);
    expect(markdown).toContain('(plots/accuracy-by-iteration.svg)');
    expect(readdirSync(plots).sort()).toEqual(
      ['iteration', 'tokens'].flatMap((by) => ['png', 'svg'].map((form) => `accuracy-by-${by}.${form}`)),
    );

    const runs = document.methods.flatMap(({ seeds }) => seeds.map(({ run }) => run));
    const listed = await home.ask<{ name: string }[]>('runs', 'list');
    expect(listed.map(({ name }) => name).sort()).toEqual(runs.sort());
    // Once more: everything is there, to the same figures.
    expect(await home.ask<Document>('compare', '-f', file)).toEqual(document);
  },
);

it('a run that fails is told, beside those that did not', { timeout: 120_000 }, async () => {
  // Nothing but right answers and cut-off ones, which may not lose: no pairs.
  const irpo = { pairs: { unscorable: 'drop' }, sampling: { max_tokens: 2 } };
  const methods = { irpo, sft: COMPARISON.methods.sft };
  const failed = await home.hone('compare', '-f', comparisonFile({ methods, seeds: [1], findings: [] }), '--json');
  expect(failed.code).toBe(1);
  const document = JSON.parse(failed.stdout) as Document;
  expect(document.methods[0]!.seeds[0]).toMatchObject({
    end: 'failed',
    error: expect.stringMatching(/no pair could be built/),
  });
  expect(document.methods[1]!.seeds[0]).toMatchObject({ end: 'succeeded' });
});

it('what is wrong in the file is named by its key, before anything starts', async () => {
  const complaint = async (change: object): Promise<string> => {
    const { code, stderr } = await home.hone('compare', '-f', comparisonFile(change));
    expect(code).toBe(1);
    return stderr;
  };
  expect(await complaint({ seed: [1] })).toMatch(/seed: /);
  const typo = { ...COMPARISON.methods, sft: { recipe: 'sft-chosen', iterations: null, traning: {} } };
  expect(await complaint({ methods: typo })).toMatch(/methods\.sft\.traning: /);
  const once = { sft: { recipe: 'sft-chosen' } };
  expect(await complaint({ methods: once, findings: [] })).toMatch(/base\.iterations: .*\(in method sft\)/);
  expect(await complaint({ findings: [{ kind: 'beats', method: 'irpo', over: 'other' }] })).toMatch(
    /findings\[0\]\.over: must be one of the methods/,
  );
});
