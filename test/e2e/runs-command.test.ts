/** Runs as a user of the built `hone` meets them: how they go, what they tell, and that they can be made again. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestHome } from './home.ts';

const MODEL = fileURLToPath(new URL('../golden/models/untied', import.meta.url));

const home = new TestHome();
beforeAll(() => home.startUp(), 120_000);
afterAll(async () => {
  await home.down();
  home.remove();
});

const RUN = {
  name: 'tiny',
  model: MODEL,
  benchmark: 'arithmetic',
  difficulty: { min_steps: 1, max_steps: 1, max_operand: 2, max_start: 3 },
  train: { count: 60 },
  validation: { count: 8 },
  test: { count: 10 },
  iterations: 2,
  samples_per_problem: 24,
  sampling: { temperature: 1, max_tokens: 8 },
  // The tiny model knows nothing: a cut-off completion loses against a lucky one.
  pairs: { per_problem: 2, unscorable: 'loser', truncated_lose: true },
  training: { learning_rate: 1e-6, max_steps: 2 },
  evaluation: {},
  select: { metric: 'greedy' },
  schedule: [{ from_iteration: 2, temperature: 1.5, samples_per_problem: 32 }],
  problems_per_shard: 20,
};

function runFile(change: object = {}): string {
  const file = path.join(home.folder, 'run.yaml');
  writeFileSync(file, JSON.stringify({ ...RUN, ...change }));
  return file;
}

interface Listed {
  readonly samples?: readonly object[];
  readonly pairs?: readonly object[];
}

interface Shown {
  readonly run: string;
  readonly state: string;
  readonly spec: Record<string, unknown>;
  readonly base: { readonly name: string };
  readonly best: { readonly iteration: number };
  readonly usage: { readonly tokens: number };
  readonly iterations: readonly {
    readonly samples: number;
    readonly steps: readonly { readonly name: string; readonly artifacts: Record<string, string> }[];
  }[];
  readonly lineage: readonly { readonly recipe: Record<string, unknown> }[];
}

it('a run is shown with all that made it, and reproduced byte for byte', { timeout: 120_000 }, async () => {
  const { run } = await home.ask<{ run: string }>('run', '-f', runFile());
  const shown = await home.ask<Shown>('runs', 'show', run);
  expect(shown).toMatchObject({ run, state: 'RUN_STATE_SUCCEEDED', code_version: expect.stringMatching(/\d/) });
  expect(shown.iterations.map(({ samples }) => samples)).toEqual([0, 60 * 24, 60 * 32]);
  expect(shown.iterations[1]!.steps.map(({ name, artifacts }) => [name, ...Object.keys(artifacts)])).toEqual([
    ['sample', 'completions'],
    ['score', 'verdicts'],
    ['build', 'groups'],
    ['train'],
    ['select', 'selection'],
    ['evaluate', 'evaluation'],
    ['publish'],
  ]);
  expect(shown.spec).toMatchObject({ settings: { schedule: [{ temperature: 1.5 }] }, problemsPerShard: 20 });
  expect(shown.usage.tokens).toBeGreaterThan(1000);
  const [made] = shown.lineage;
  expect(Object.keys(made!.recipe)).toEqual(
    expect.arrayContaining(['seed', 'spec', 'scorer', 'pairReport', 'templateDigests', 'codeVersion', 'machine']),
  );
  const { samples } = await home.ask<Listed>('runs', 'samples', run, '--truncated', '--limit', '3');
  expect(samples).toHaveLength(3);
  for (const sample of samples!)
    expect(sample).toMatchObject({ iteration: 2, outcome: 'truncated', gold: expect.stringMatching(/\d/) });
  const { pairs } = await home.ask<Listed>('runs', 'pairs', run, '--iteration', '1', '--limit', '1');
  expect(pairs).toMatchObject([{ iteration: 1, chosen: { outcome: 'right' } }]);
  const again = await home.ask<{ identical: boolean; compared: unknown[] }>('runs', 'reproduce', run);
  expect(again.identical).toBe(true);
  // Evaluation and selection of three checkpoints; completions, verdicts, pairs of two iterations; three checkpoints.
  expect(again.compared).toHaveLength(2 * 3 + 3 * 2 + 3);
});

it(
  'a run without pairs quotes what was wrong, and a fork of it with other settings succeeds',
  { timeout: 120_000 },
  async () => {
    // All that is wrong was cut off, and may not lose.
    const pairs = { per_problem: 2, unscorable: 'drop', truncated_lose: false };
    const failed = await home.hone('run', '-f', runFile({ pairs, sampling: { temperature: 1, max_tokens: 2 } }));
    expect(failed.code).toBe(1);
    expect(failed.stderr.match(/problem "\S+", sample \d+: ".*?" \(cut off before an answer\)/g)).toHaveLength(3);
    const run = /hone .*runs fork (runs\/\S+) --set sampling\.max_tokens=4/.exec(failed.stderr)?.[1];
    expect(run).toBeDefined();
    const settings = ['pairs.truncated_lose=true', 'sampling.max_tokens=8'].flatMap((it) => ['--set', it]);
    expect(await home.ask<Shown>('runs', 'fork', run!, ...settings)).toMatchObject({ state: 'RUN_STATE_SUCCEEDED' });
  },
);

it('a run whose services were killed goes on by itself with the next ones', { timeout: 120_000 }, async () => {
  const { run } = await home.ask<{ run: string }>('run', '-f', runFile({ seed: 1 }), '--detach');
  const state = async (): Promise<string> => (await home.ask<Shown>('runs', 'show', run)).state;
  while (!/RUNNING|SUCCEEDED/.test(await state())) await sleep(100);
  await home.down('SIGKILL');
  await home.startUp();
  await home.ask('runs', 'watch', run);
  expect(await state()).toBe('RUN_STATE_SUCCEEDED');
  const paused = await home.hone('runs', 'pause', run);
  expect(paused).toMatchObject({ code: 1, stderr: expect.stringMatching(/is succeeded already/) });
  const verified = await home.hone('artifacts', 'verify');
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/damaged: 0 artifacts/) });
});

it('a service that dies is started again by hone up, and the run goes on', { timeout: 120_000 }, async () => {
  const { run } = await home.ask<{ run: string }>('run', '-f', runFile({ seed: 2 }), '--detach');
  for (const role of ['sampler', 'trainer', 'orchestrator']) {
    const pid = home.pidOf(role);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => home.pidOf(role), { timeout: 20_000 }).not.toBe(pid);
  }
  let state = '';
  await expect
    .poll(
      async () => {
        const shown = await home.hone('runs', 'show', run, '--json');
        state = shown.code === 0 ? (JSON.parse(shown.stdout) as Shown).state : state;
        return state;
      },
      { timeout: 90_000, interval: 1000 },
    )
    .toBe('RUN_STATE_SUCCEEDED');
});
