/** Recipes as users meet them: listed, shown, stated by a run file or by a client in another language, and run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunSpec } from '@hone/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestHome } from './home.ts';

const at = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const MODEL = at('../golden/models/untied');
const OWN_RECIPES = at('../../examples/extensions/recipe');
const PROTOS = at('../../protos');
const GOOGLE_PROTOS = path.dirname(createRequire(import.meta.url).resolve('google-proto-files/package.json'));

const home = new TestHome();
beforeAll(() => home.startUp('--recipes', OWN_RECIPES), 120_000);
afterAll(async () => {
  await home.down();
  home.remove();
});

/** Nothing but what a run cannot be without. */
const LEAST = {
  model: MODEL,
  benchmark: 'arithmetic',
  difficulty: { min_steps: 1, max_steps: 1, max_operand: 2, max_start: 3 },
  train: { count: 60 },
  test: { count: 10 },
};
/** Settings by which the tiny model, which knows nothing, gets somewhere: a cut-off completion loses against a lucky one. */
const SMALL = {
  samples_per_problem: 24,
  sampling: { temperature: 1, max_tokens: 8 },
  training: { learning_rate: 1e-6, max_steps: 2 },
};

function runFile(change: object = {}): string {
  const file = path.join(home.folder, 'run.yaml');
  writeFileSync(file, JSON.stringify({ ...LEAST, ...change }));
  return file;
}

interface Shown {
  readonly name: string;
  readonly version: number;
  readonly settings: {
    readonly properties: Record<string, { readonly default?: unknown; readonly description: string }>;
  };
}
interface Ran {
  readonly run: string;
  readonly state: string;
  readonly recipe: string;
  readonly iterations: readonly {
    readonly pairs: number;
    readonly examples?: number;
    readonly steps: { name: string }[];
  }[];
}

describe('hone recipes', () => {
  it('lists those of Hone and those of a folder', async () => {
    const names = (await home.ask<{ name: string }[]>('recipes', 'list')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['irpo', 'expert-iteration', 'fixed-reference']));
    expect(names[0]).toBe('irpo');
  });

  it('shows the JSON schema of the settings, and for people every key with its default', async () => {
    const shown = await home.ask<Shown>('recipes', 'show', 'fixed-reference');
    expect(shown).toMatchObject({ name: 'fixed-reference', version: 1 });
    expect(shown.settings.properties['follow_after']).toMatchObject({ default: 0, minimum: 0 });
    const { stdout } = await home.hone('recipes', 'show', 'irpo');
    expect(stdout).toMatch(/^ {2}training\.learning_rate {2}\(default 7e-7; a number above 0/m);
    expect(await home.hone('recipes', 'show', 'no-such-recipe')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/irpo/),
    });
  });
});

describe('hone spec', () => {
  it('tells every default, and what the model decides', async () => {
    const { stdout } = await home.hone('spec', '-f', runFile(), '--recipe', 'expert-iteration', '--set', 'start=m0');
    // Half of the tiny model's context of 64.
    for (const line of [
      'recipe: expert-iteration',
      'start: m0',
      '  max_tokens: 32',
      '  rule: right-samples',
      'seed: 0',
    ])
      expect(stdout.split('\n')).toContain(line);
    expect(await home.ask<object>('spec', '-f', runFile())).toMatchObject({
      recipe: 'irpo',
      scorer: { name: 'gsm8k' },
      settings: { sampling: { max_tokens: 32 }, evaluation: { max_tokens: 32 }, training: { learning_rate: 7e-7 } },
    });
  });

  it('has the settings of a preset as plain values, and what the file says over them', async () => {
    const preset = ['--preset', 'arithmetic', '--set', 'iterations=2'];
    const stated = await home.ask<object>('spec', '-f', runFile(), ...preset);
    expect(stated).toMatchObject({ settings: { iterations: 2, samples_per_problem: 8, pairs: { per_problem: 6 } } });
    expect(stated).not.toHaveProperty('preset');
    const { stderr } = await home.hone('spec', '-f', runFile(), '--preset', 'dpo-math-70b');
    expect(stderr).toMatch(/preset: recipe irpo: must be one of irpo-gsm8k-70b/);
    const shown = await home.ask<{ presets: { name: string; settings: object }[] }>('recipes', 'show', 'dpo');
    const math = { name: 'dpo-math-70b', settings: { samples_per_problem: 20, training: { nll_alpha: 0 } } };
    expect(shown.presets).toContainEqual(expect.objectContaining({ name: math.name }));
    expect(shown.presets.find(({ name }) => name === math.name)).toMatchObject(math);
  });

  it('tells what is wrong by the keys of the file, also what only the pair-builder knows', async () => {
    const broken = await home.hone('spec', '-f', runFile({ pairs: { per_problem: 0, perproblem: 1 } }));
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toMatch(/pairs\.per_problem: must be at least 1, but is 0.*pairs\.perproblem: is no setting/);
  });
});

describe('a run', () => {
  it('follows the recipe that it names, and is shown by the same commands', { timeout: 120_000 }, async () => {
    const run = async (recipe: string, change: object): Promise<Ran> => {
      const ran = await home.ask<Ran>('run', '-f', runFile({ ...SMALL, ...change }), '--recipe', recipe);
      expect(ran).toMatchObject({ recipe, state: 'RUN_STATE_SUCCEEDED' });
      return ran;
    };
    const pairs = { per_problem: 2, unscorable: 'loser', truncated_lose: true };
    const own = await run('fixed-reference', { pairs, follow_after: 1 });
    expect(own.iterations[1]!.pairs).toBeGreaterThan(0);
    const expert = await run('expert-iteration', {});
    expect(expert.iterations[1]).toMatchObject({ pairs: 0, examples: expect.any(Number) });
    expect(expert.iterations[1]!.steps.map(({ name }) => name)).toEqual([
      ...['sample', 'score', 'build', 'train', 'evaluate', 'publish'],
    ]);
    const shown = await home.hone('runs', 'show', expert.run);
    expect(shown.stdout).toMatch(/iteration +samples +examples +greedy/);
    const forked = await home.ask<Ran>('runs', 'fork', expert.run, '--set', 'training.max_steps=1');
    expect(forked).toMatchObject({ recipe: 'expert-iteration', state: 'RUN_STATE_SUCCEEDED' });
  });
});

const python = process.env['HONE_PYTHON'] ?? 'python3';
const hasPython = spawnSync(python, ['-c', 'import grpc, grpc_tools, google.protobuf']).status === 0;
const whyNoPython = hasPython ? '' : ` (skipped: ${python} has no grpcio-tools)`;

describe(`a client in Python with only the generated stubs${whyNoPython}`, () => {
  it.skipIf(!hasPython)('has the defaults that hone run has', { timeout: 120_000 }, async () => {
    const gen = path.join(home.folder, 'gen');
    mkdirSync(gen);
    const protos = readdirSync(PROTOS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.proto'));
    const google = [
      'longrunning/operations',
      'rpc/status',
      'api/annotations',
      'api/http',
      'api/client',
      'api/launch_stage',
    ];
    const files = [...protos, ...google.map((name) => `google/${name}.proto`)];
    const places = ['-I', PROTOS, '-I', GOOGLE_PROTOS, `--python_out=${gen}`, `--grpc_python_out=${gen}`];
    execFileSync(python, ['-m', 'grpc_tools.protoc', ...places, ...files]);
    const stated = RunSpec.fromJSON(await home.ask<object>('spec', '-f', runFile()));
    const { addresses } = JSON.parse(readFileSync(path.join(home.folder, 'home', 'up.json'), 'utf8')) as {
      addresses: Record<string, string>;
    };
    const names = [stated.baseCheckpoint, stated.trainProblemSet, stated.testProblemSet, 'irpo'];
    const script = at('python/create_run.py');
    const output = execFileSync(python, [script, addresses['orchestrator']!, ...names], {
      env: { ...process.env, PYTHONPATH: gen, PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
    });
    // A run file names its benchmark, and so its scorer; a client that names none has "exact".
    const { benchmark, scorer, ...rest } = stated;
    expect([benchmark, scorer?.name]).toEqual(['arithmetic', 'gsm8k']);
    expect(RunSpec.fromJSON(JSON.parse(output))).toEqual({
      ...rest,
      benchmark: '',
      scorer: { ...scorer, name: 'exact' },
    });
  });
});
