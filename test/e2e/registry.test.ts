/** The register of checkpoints as a user of the built `hone` meets it: names, evaluations, lineage, forks, deletion. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestHome } from './home.ts';

const MODEL = fileURLToPath(new URL('../golden/models/untied', import.meta.url));

const home = new TestHome();
const { folder } = home;
const hone = home.hone.bind(home);
const ask: TestHome['ask'] = home.ask.bind(home);

beforeAll(() => home.startUp(), 120_000);
afterAll(async () => {
  await home.down();
  home.remove();
});

const RUN = {
  checkpoint: 'tiny@best',
  publish_as: 'tiny',
  benchmark: 'arithmetic',
  difficulty: { min_steps: 1, max_steps: 1, max_operand: 2, max_start: 3 },
  train: { count: 100 },
  test: { count: 10 },
  iterations: 1,
  samples_per_problem: 32,
  sampling: { temperature: 1, max_tokens: 8 },
  // The tiny model knows nothing: a cut-off completion loses against a lucky one.
  pairs: { per_problem: 2, unscorable: 'loser', truncated_lose: true },
  training: { learning_rate: 1e-6, max_steps: 2 },
  evaluation: {},
};

interface Shown {
  readonly name: string;
  readonly lineage: string[];
  readonly evaluations: { benchmark: string; run?: string }[];
  readonly recipe: Record<string, unknown>;
}

it('a model gets versions and aliases, which name it in runs, evaluations and lineages until it is deleted', async () => {
  const base = await ask<{ name: string }>('checkpoints', 'import', MODEL, '--name', 'base');
  await ask('models', 'publish', 'tiny', base.name, '--why', 'the start');
  await ask('models', 'alias', 'tiny', 'best', 'latest', '--expect', '0', '--by', 'ada');
  const history = await ask<{ caller: string; toVersion: string }[]>('models', 'history', 'tiny', 'best');
  expect(history).toMatchObject([{ caller: 'ada', toVersion: 'models/tiny/versions/1' }]);

  await ask('models', 'edit', 'tiny', '--label', 'team=a', '--label', 'size=tiny', '--notes', 'for tests');
  const edited = await ask<object>('models', 'edit', 'tiny', '--unlabel', 'size');
  expect(edited).toMatchObject({ labels: { team: 'a' }, notes: 'for tests' });
  await ask('checkpoints', 'edit', 'tiny@1', '--name', 'the start', '--label', 'team=a');
  const labelled = await ask<object[]>('checkpoints', 'list', '--filter', 'labels.team = a');
  expect(labelled).toMatchObject([{ name: base.name, displayName: 'the start' }]);

  const file = path.join(folder, 'run.yaml');
  writeFileSync(file, JSON.stringify(RUN));
  const { run } = await ask<{ run: string }>('run', '-f', file);
  const [made] = await ask<{ name: string; run: string }[]>('checkpoints', 'list', '--run', run);
  // The run publishes M_0, which is where it started, and M_1.
  const { versions } = await ask<{ versions: { checkpoint: string; run: string }[] }>('models', 'show', 'tiny');
  expect(versions).toMatchObject([
    { checkpoint: made!.name, run, aliases: ['latest'] },
    { checkpoint: base.name, run },
    {},
  ]);
  expect(await ask<object[]>('runs', 'list', '--filter', 'state = SUCCEEDED AND model = tiny')).toMatchObject([
    { name: run },
  ]);

  const sums = path.join(folder, 'sums.jsonl');
  writeFileSync(sums, [1, 2, 3].map((x) => JSON.stringify({ question: `${x}+1=`, answer: `${x + 1}` })).join('\n'));
  const problems = ['--benchmark', 'jsonl', '--file', sums, '--max-tokens', '8'];
  await ask('eval', '--checkpoint', 'tiny@1', ...problems);
  await ask('eval', '--model', 'tiny@latest', ...problems);
  const shown = await ask<Shown>('checkpoints', 'show', 'tiny@latest');
  expect(shown).toMatchObject({ name: made!.name, lineage: [made!.name, base.name] });
  expect(shown.evaluations.map(({ benchmark }) => benchmark)).toEqual(['jsonl sums', 'arithmetic']);
  expect(Object.keys(shown.recipe)).toEqual(
    expect.arrayContaining(['dataset', 'spec', 'seed', 'codeVersion', 'scorer', 'templateDigests', 'artifacts']),
  );

  const compared = await ask<{ commonAncestor: string; recipe: { path: string }[]; evaluations: unknown[] }>(
    ...['checkpoints', 'compare', 'tiny@1', 'tiny@latest'],
  );
  expect(compared.commonAncestor).toBe(base.name);
  expect(compared.recipe.map((difference) => difference.path)).toContain('spec.loss.settings.beta');
  expect(compared.evaluations).toHaveLength(2);

  const set = ['--set', 'training.learning_rate=0.000002'];
  const { run: fork } = await ask<{ run: string }>('runs', 'fork', run, '--iteration', '1', ...set);
  const [forked] = await ask<{ parent: string; name: string }[]>('checkpoints', 'list', '--run', fork);
  expect(forked!.parent).toBe(made!.name);
  const lineage = await hone('lineage', forked!.name);
  expect(lineage.stdout.split('\n').filter((line) => !line.startsWith('  '))).toHaveLength(4);

  const refused = await hone('checkpoints', 'delete', 'tiny@1', '--force');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/is models\/tiny@best: move or remove/) });
  await ask('models', 'alias', 'tiny', 'best', '--remove');
  const parent = await hone('checkpoints', 'delete', 'tiny@1');
  expect(parent).toMatchObject({ code: 1, stderr: expect.stringMatching(/was trained from .* force deletes it/) });
  await ask('checkpoints', 'delete', 'tiny@1', '--force');
  const used = await hone('generate', '--checkpoint', 'tiny@1', '--prompt', 'x');
  expect(used).toMatchObject({ code: 1, stderr: expect.stringMatching(/was deleted on/) });
  // The fork publishes under the same name.
  const left = await ask<Shown>('checkpoints', 'show', 'tiny@latest');
  expect(left.lineage).toEqual([forked!.name, made!.name, base.name]);
}, 120_000);
