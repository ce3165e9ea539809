import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { importSplit } from '@hone/benchmarks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findRecipe, RECIPES, RESERVED_KEYS, settingsOf } from '@hone/recipes';
import { readRunFile, scorerOf } from './run-file.ts';
import { commonKeys } from './run-keys.ts';
import { withImported } from './run-problems.ts';
import { readDemonstrations, withDatasets } from './warm-up-files.ts';

const GOOD: Readonly<Record<string, unknown>> = {
  checkpoint: '0123abcd',
  benchmark: 'arithmetic',
  train: { count: 4 },
  test: { count: 4 },
  samples_per_problem: 4,
  sampling: { max_tokens: 16 },
  pairs: { per_problem: 2 },
  training: { learning_rate: 1e-4 },
  evaluation: {},
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hone-run-file-'))));
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

/** Reads a run file of this text; JSON is YAML too. */
function read(content: string | object) {
  const file = path.join(folder, 'run.yaml');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readRunFile(file);
}
/** What the settings of a file come to. */
const settings = (run: ReturnType<typeof read>) => settingsOf(findRecipe(run.envelope.recipe ?? ''), run.settings, 'x');
const without = (key: string): object => Object.fromEntries(Object.entries(GOOD).filter(([name]) => name !== key));

describe('a run file', () => {
  it('names a preset, behind which its settings stand', () => {
    const run = read({ ...GOOD, preset: 'irpo-math-70b', pairs: {}, samples_per_problem: 8 });
    expect([run.envelope.preset, run.settings['samples_per_problem']]).toEqual(['irpo-math-70b', 8]);
    // The preset asks for 15 pairs of a problem.
    const few = { ...GOOD, preset: 'irpo-math-70b', pairs: {}, samples_per_problem: 4 };
    expect(() => read(few)).toThrow(/pairs\.per_problem: 4 samples of a problem make at most 4 pairs, but 15/);
    expect(() => read({ ...GOOD, preset: 'dpo-math-70b' })).toThrow(
      /preset: recipe irpo: must be one of irpo-gsm8k-70b/,
    );
  });

  it('leaves what is not said to the recipe', () => {
    const run = read(GOOD);
    expect(run.settings).toEqual({
      ...{ samples_per_problem: 4, sampling: { max_tokens: 16 }, pairs: { per_problem: 2 } },
      ...{ training: { learning_rate: 1e-4 }, evaluation: {} },
    });
    expect(settings(run)).toMatchObject({
      iterations: 1,
      sampling: { temperature: 0.8, top_k: 0, top_p: 1 },
      training: { beta: 0.1, nll_alpha: 1, batch_unit: 'pairs', max_grad_norm: 1 },
      pairs: { rule: 'cycle', per_problem: 2 },
    });
    expect(run.seed).toBe(0);
  });

  it.each([
    [{ pairs: { per_problem: 5 } }, 'pairs.per_problem: 4 samples of a problem make at most 4 pairs, but 5'],
    [{ samples_per_problem: 1 }, 'samples_per_problem: must be at least 2, but is 1'],
    [{ iterations: 1.5 }, 'iterations: must be a whole number'],
    [{ sampling: { temperature: -1, max_tokens: 16 } }, 'sampling.temperature: must be at least 0.001, but is -1'],
    [{ sampling: { top_p: 2, max_tokens: 16 } }, 'sampling.top_p: must be at most 1, but is 2'],
    [{ sampling: { max_tokens: -1 } }, 'sampling.max_tokens: must be at least 0, but is -1'],
    [{ training: { learning_rate: 0 } }, 'training.learning_rate: must be above 0, but is 0'],
    [{ training: { learning_rate: 'high' } }, 'training.learning_rate: must be a number'],
    [{ training: { learning_rate: 1, lr: 2 } }, 'training.lr: is no setting'],
    [
      { training: { learning_rate: 1, schedule: 'step' } },
      'training.schedule: must be one of constant, linear, cosine',
    ],
    [{ benchmark: 'gsm9k' }, 'benchmark: must be one of arithmetic, arc, gsm8k, jsonl, math'],
    [{ checkpoint: 'mine' }, 'checkpoint: must be a name'],
    [{ model: 'folder' }, 'model: exactly one of model (a folder or .gguf) and checkpoint (a name) must be set'],
    [{ train: {} }, 'train.count: must be at least 1 for benchmark arithmetic'],
    [{ test: { count: 1, file: 'x.jsonl' } }, 'test.file: must not be set for benchmark arithmetic'],
    [{ benchmark: 'jsonl' }, 'train.file: must be set for benchmark jsonl'],
    [{ benchmark: undefined }, 'benchmark: must be set, for all problems or in train'],
    [{ train: { count: 4, split: 'train' } }, 'train.split: must not be set for benchmark arithmetic'],
    [{ benchmark: 'math', test: { file: 'x', split: 'test' } }, 'test.split: must not be set beside file'],
    [{ train: { benchmark: 'gsm9k' } }, 'train.benchmark: must be one of'],
    [
      { benchmark: 'gsm8k', test: { benchmark: 'math' } },
      'scorer: must be set where the benchmarks of the parts have several',
    ],
    [{ samples_per_problems: 4 }, 'samples_per_problems: is no setting (did you mean samples_per_problem?)'],
    [{ training: { learning_rate: 1, batchSize: 2 } }, 'did you mean training.batch_size?'],
    [{ trian: {} }, 'trian: is no setting (did you mean train?)'],
    [{ policies: [{ phase: 'train' }] }, 'policies[0].kind: must be one of sample, score, build, train'],
    [{ select: {} }, 'validation: must be set where checkpoints are chosen'],
    [{ recipe: 'expert-iteration' }, 'pairs: is no setting'],
    [{ benchmark: 'arc', difficulty: { min_steps: 1 } }, 'difficulty: must not be set for benchmark arc'],
  ])('with %j breaks a rule that is named with its path', (change, message) => {
    expect(() => read({ ...GOOD, ...change })).toThrow(message);
  });

  it('takes problems from what was imported, each part its own', async () => {
    const parts = {
      train: { benchmark: 'gsm8k', count: 2 },
      validation: { benchmark: 'gsm8k', selection: { count: 1, part: 'held-out' } },
      test: { benchmark: 'gsm8k', split: 'test', count: 1 },
    };
    const run = read({ ...GOOD, benchmark: undefined, ...parts });
    expect(run.benchmark).toBe('gsm8k');
    expect(scorerOf(run)).toBeUndefined();
    const home = path.join(folder, 'benchmarks');
    await expect(withImported(run, home)).rejects.toThrow(/hone benchmarks import gsm8k --split train/);
    const rows = path.join(folder, 'rows.jsonl');
    writeFileSync(rows, JSON.stringify({ question: '1 + 1?', answer: '#### 2' }));
    for (const split of ['train', 'test'] as const)
      await importSplit(home, [rows], { benchmark: 'gsm8k', split, origin: 'here', license: 'MIT' });
    const { train, validation, test } = await withImported(run, home);
    expect([train, validation!, test].map(({ file }) => path.relative(home, file!).split(path.sep)[1])).toEqual([
      ...['train', 'train', 'test'],
    ]);
    expect(train).toMatchObject({ count: 2, benchmark: 'gsm8k' });
  });

  it('a split that a benchmark does not have is refused with those it has', async () => {
    const run = read({ ...GOOD, benchmark: 'gsm8k', train: { split: 'dev' } });
    await expect(withImported(run, folder)).rejects.toThrow(/test, train/);
  });

  it('with settings says what they say', () => {
    const file = path.join(folder, 'set.yaml');
    writeFileSync(file, JSON.stringify(GOOD));
    const settings = [
      { path: ['training', 'learning_rate'], value: 0.3 },
      { path: ['train', 'count'], value: 9 },
    ];
    const run = { settings: { training: { learning_rate: 0.3 } }, train: { count: 9 } };
    expect(readRunFile(file, settings)).toMatchObject(run);
    expect(() => readRunFile(file, [{ path: ['trian', 'count'], value: 9 }])).toThrow(/did you mean train\?/);
  });

  it('names all broken rules at once', () => {
    expect(() => read({ ...GOOD, iterations: 0, seed: -1 })).toThrow(
      'seed: must be at least 0, but is -1; iterations: must be at least 1, but is 0',
    );
  });

  it('without model and checkpoint says that one is needed', () => {
    expect(() => read(without('checkpoint'))).toThrow('model: exactly one of');
  });

  it('that is empty, no YAML or not there is named', () => {
    expect(() => read('')).toThrow(/run\.yaml: must be a mapping/);
    expect(() => read('train: [')).toThrow(/^\S+run\.yaml: .*line 1/);
    expect(() => readRunFile(path.join(folder, 'other.yaml'))).toThrow(/run file .*other\.yaml not found/);
  });

  it('takes values from the environment, else their defaults', () => {
    vi.stubEnv('HONE_TEST_STEPS', '7');
    const values = { learning_rate: 1e-4, max_steps: '@', warmup_steps: '#' };
    const text = JSON.stringify({ ...GOOD, training: values })
      .replace('"@"', '${HONE_TEST_STEPS}')
      .replace('"#"', '${HONE_TEST_UNSET:-3}');
    expect(read(text).settings).toMatchObject({ training: { max_steps: 7, warmup_steps: 3 } });
  });

  it('names a variable that is not set and has no default', () => {
    expect(() => read({ ...GOOD, name: '${HONE_TEST_UNSET}' })).toThrow(/HONE_TEST_UNSET is not set/);
  });

  it('means paths relative to itself', () => {
    const files = { train: { file: 'a/train.jsonl' }, test: { file: '/b/test.jsonl' } };
    const run = read({ ...without('checkpoint'), benchmark: 'jsonl', model: '../model', ...files });
    expect(run.model).toBe(path.resolve(folder, '../model'));
    expect(run.train.file).toBe(path.join(folder, 'a/train.jsonl'));
    expect(run.test.file).toBe('/b/test.jsonl');
  });

  it('leaves a name of the hub as it is, unless a folder of that name lies beside it', () => {
    const model = (name: string) => read({ ...without('checkpoint'), model: name }).model;
    expect(model('org/name@v1')).toBe('org/name@v1');
    mkdirSync(path.join(folder, 'org/name'), { recursive: true });
    expect(model('org/name')).toBe(path.join(folder, 'org/name'));
  });

  it("is scored by its own scorer, else by its benchmark's", () => {
    const named = { name: 'exact', address: '', config: {}, timeoutMs: 0, weight: 0 };
    expect(scorerOf(read({ ...GOOD, scorer: 'exact' }))).toEqual(named);
    expect(scorerOf(read({ ...GOOD, scorer: { name: 'exact' } }))).toEqual(named);
    expect(scorerOf(read({ ...GOOD, scorers: { math: 'math', arithmetic: 'exact' } }))).toEqual(named);
    // Then the benchmark is named, and the orchestrator knows whose scorer that is.
    expect(scorerOf(read({ ...GOOD, scorers: { math: 'exact' } }))).toBeUndefined();
    expect(read(GOOD).envelope).toMatchObject({ benchmark: 'arithmetic' });
    expect(scorerOf(read(GOOD))).toBeUndefined();
  });
});

describe('a recipe', () => {
  it('decides which keys there are', () => {
    const file = { ...without('pairs'), recipe: 'expert-iteration', start: 'm0' };
    expect(read(file)).toMatchObject({ envelope: { recipe: 'expert-iteration' }, settings: { start: 'm0' } });
    expect(() => read({ ...file, start: 'm1' })).toThrow('start: must be one of previous, m0, but is "m1"');
  });

  it('that is known to the orchestrator alone has its settings checked there', () => {
    expect(read({ ...GOOD, recipe: 'mine', own: { key: 1 } }).settings).toMatchObject({ own: { key: 1 } });
    expect(() => read({ ...GOOD, recipe: 'mine', seed: -1 })).toThrow('seed: must be at least 0');
  });

  it('has no setting of the name of another key', () => {
    for (const { name, settings } of RECIPES)
      expect(
        Object.keys(settings.shape).filter((key) => key in commonKeys.shape),
        name,
      ).toEqual([]);
    expect([...RESERVED_KEYS]).toEqual(expect.arrayContaining(Object.keys(commonKeys.shape)));
  });
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('a warm-up', () => {
  const digest = `datasets/${'a'.repeat(64)}`;
  const warm_up = [{ dataset: 'demos.jsonl' }, { dataset: digest, training: { epochs: 2 } }];

  it('names datasets, or files beside the run file', () => {
    const { demonstrations, settings } = read({ ...GOOD, warm_up });
    expect(demonstrations).toEqual(new Map([[0, path.join(folder, 'demos.jsonl')]]));
    expect(withDatasets(settings, new Map([[0, 'datasets/b']]))['warm_up']).toEqual([
      { dataset: 'datasets/b' },
      warm_up[1],
    ]);
  });

  it('is checked as a whole', () => {
    expect(() => read({ ...GOOD, warm_up: [{ dataset: 3 }, { dataset: 'datasets/x' }, 7] })).toThrow(
      /warm_up\[0\]\.dataset: must be text.*warm_up\[1\]\.dataset: must be a name.*warm_up\[2\]: must be a mapping/,
    );
  });

  it('reads demonstrations line by line', async () => {
    const file = path.join(folder, 'demos.jsonl');
    const lines = [
      { prompt: 'a', completion: 'b' },
      { id: 7, prompt: 'c', completion: 'd' },
    ];
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const found = await all(readDemonstrations(file));
    expect(found.map(({ id }) => id)).toEqual(['line 1', '7']);
    writeFileSync(file, '{"prompt": "a"}\n');
    await expect(all(readDemonstrations(file))).rejects.toThrow(/demos\.jsonl.*must have "prompt"/);
  });
});

describe('the examples', () => {
  const examples = path.resolve(import.meta.dirname, '../../../../examples');

  it.each(['arithmetic', 'gsm8k', 'arc-smollm2', 'own-problems'])('%s.yaml is a good run file', (name) => {
    for (const variable of ['HONE_MODEL', 'GSM8K']) vi.stubEnv(variable, '/somewhere');
    vi.stubEnv('HONE_CHECKPOINT', '0123abcd');
    const { samples_per_problem } = readRunFile(path.join(examples, `${name}.yaml`)).settings;
    expect(samples_per_problem).toBeGreaterThan(1);
  });

  it('names a server with its certificates, or several scorers with their rule', () => {
    const server = { name: 'mine', address: 'host:7', tls: { root_certificate_file: 'ca.pem' }, timeout_ms: 5000 };
    const tls = { rootCertificateFile: path.join(folder, 'ca.pem'), clientCertificateFile: '', clientKeyFile: '' };
    const mine = { name: 'mine', address: 'host:7', config: {}, timeoutMs: 5000, tls: { ...tls, serverName: '' } };
    expect(scorerOf(read({ ...GOOD, scorer: server }))).toEqual({ ...mine, weight: 0 });
    const scorer = { rule: 'weighted_mean', threshold: 0.5, scorers: ['gsm8k', { ...server, weight: 2 }] };
    expect(scorerOf(read({ ...GOOD, scorer }))).toMatchObject({
      combination: {
        rule: 'COMBINATION_RULE_WEIGHTED_MEAN',
        threshold: 0.5,
        scorers: [{ name: 'gsm8k' }, { ...mine, weight: 2 }],
      },
    });
  });

  it.each([
    [{ scorer: { address: 'host:7' } }, /scorer\.name: must be set/],
    [{ scorer: { name: 'x', nonsense: 1 } }, /scorer\.nonsense: is no setting/],
    [{ scorer: { name: 'x', weight: 0 } }, /scorer\.weight: must be above 0/],
    [{ scorer: { rule: 'most', scorers: ['a', 'b'] } }, /scorer\.rule: must be one of all, any/],
    [{ scorer: { rule: 'all', scorers: ['a', { address: 'x:1' }] } }, /scorer\.scorers\[1\]\.name: must be set/],
    [{ scorers: { nonsense: 'x' } }, /scorers/],
    [{ scorer: 'a', scorers: { math: 'x' } }, /scorers: must not be set beside scorer/],
  ])('names what is wrong with the scorer in %j', (change, message) => {
    expect(() => read({ ...GOOD, ...change })).toThrow(message);
  });
});
