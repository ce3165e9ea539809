/** How runs are cut into steps, stopped, gone on with, bounded and scheduled. */
import { randomUUID } from 'node:crypto';
import {
  CancelRunRequest,
  GetCheckpointRequest,
  GetRunRequest,
  ListRunsRequest,
  ResumeRunRequest,
  PauseRunRequest,
  RunState,
  StepKind,
  StepState,
  artifactsOf,
  messageOf,
  resultOf,
  type PartialMessage,
  ListOperationsRequest,
  Run,
  RunMetadata,
  type RunSpec,
} from '@hone/contracts';
import { openDatabase } from '@hone/database';
import { HoneError } from '@hone/errors';
import { callServerStream, callUnary, fromStatus } from '@hone/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ maxRuns: 2 });
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.hooks.calls.length = 0;
  platform.hooks.before = async () => undefined;
});

const oneIteration = (it: RunSpec): void => void (settingsOf(it)['iterations'] = 1);
/** Four shards a step. */
const inShards = (it: RunSpec): void => {
  oneIteration(it);
  it.problemsPerShard = 3;
};
const calls = (name: string): number => platform.hooks.calls.filter((call) => call === name).length;
const made = ({ iterations }: Run) =>
  iterations.map((iteration) => ({ checkpoint: iteration.checkpoint, artifacts: artifactsOf(iteration) }));

async function finished(change?: (spec: RunSpec) => void): Promise<Run> {
  const { name } = await platform.createRun(change);
  await platform.watch(name);
  const run = await platform.getRun(name);
  expect(run.error).toBe('');
  expect(run.state).toBe(RunState.SUCCEEDED);
  return run;
}

/** Holds every call of this name from the n-th on; `release` lets them go. */
function holdAt(call: string, n: number) {
  let count = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const reached = new Promise<void>((resolve) => {
    platform.hooks.before = async (name, signal) => {
      if (name !== call || ++count < n) return;
      resolve();
      const left = new Promise<void>((gone) => signal.addEventListener('abort', () => gone(), { once: true }));
      await Promise.race([released, left]);
    };
  });
  return { reached, release };
}

describe('shards', () => {
  it('do not change what a run makes', async () => {
    const whole = await finished(oneIteration);
    expect(calls('sample')).toBe(1);
    platform.hooks.calls.length = 0;
    const cut = await finished(inShards);
    expect([calls('sample'), calls('score')]).toEqual([4, 4]);
    expect(made(cut)).toEqual(made(whole));
    const [iteration, undivided] = [cut.iterations[1]!, whole.iterations[1]!];
    expect(resultOf(iteration, 'sample')!.samples).toBe(40);
    expect(resultOf(iteration, 'score')!.verdicts).toEqual(resultOf(undivided, 'score')!.verdicts);
    expect(iteration.steps[0]!.usage!.tokens).toBe(28n);
    expect(cut.usage!.tokens).toBe(28n + 100n);
    expect(cut.diskBytes).toBe(whole.diskBytes);
  });

  it.each(['sample', 'score'])('of a %s step that are done are not done again after a restart', async (call) => {
    const undisturbed = await finished(inShards);
    const { reached } = holdAt(call, 3);
    const { name } = await platform.createRun(inShards);
    await reached;
    // Both shards in hand are held; the two before them are kept.
    await expect.poll(() => calls(call)).toBe(4 + 4);
    await platform.restart();
    platform.hooks.calls.length = 0;
    platform.hooks.before = async () => undefined;
    await platform.watch(name);
    expect(calls(call)).toBe(2);
    expect(made(await platform.getRun(name))).toEqual(made(undisturbed));
  });
});

/** Notes in the database of an orchestrator that is not up how often it died while a run was under way. */
async function noteCrashes(
  state: { readonly stateDir: string; readonly url: string | undefined },
  name: string,
  crashes: number,
): Promise<void> {
  const { database, close } = await openDatabase(state);
  await database.updateTable('runs').set({ crashes }).where('id', '=', name.replace('runs/', '')).execute();
  await close();
}

/** Lets a run have been created with another version of its recipe. */
async function noteRecipeVersion(
  state: { readonly stateDir: string; readonly url: string | undefined },
  name: string,
  version: number,
): Promise<void> {
  const { database, close } = await openDatabase(state);
  const id = name.replace('runs/', '');
  const { spec } = await database.selectFrom('runs').select('spec').where('id', '=', id).executeTakeFirstOrThrow();
  const changed = JSON.stringify({ ...(spec as object), recipeVersion: version });
  await database.updateTable('runs').set({ spec: changed }).where('id', '=', id).execute();
  await close();
}

describe('a run that was under way whenever the orchestrator died', () => {
  it('is set aside behind three of them in a row, with that reason, and the others go on', async () => {
    const { reached, release } = holdAt('sample', 1);
    const [poisoned, other] = [await platform.createRun(), await platform.createRun()];
    await reached;
    await platform.restart({ between: (state) => noteCrashes(state, poisoned.name, 3) });
    release();
    await platform.watch(other.name);
    expect((await platform.getRun(other.name)).state).toBe(RunState.SUCCEEDED);
    const aside = await platform.getRun(poisoned.name);
    expect(aside).toMatchObject({ state: RunState.FAILED, error: expect.stringContaining('3 times in a row') });
    expect(aside.failure).toMatchObject({ code: 'ABORTED', reason: 'RUN_ENDS_ORCHESTRATOR' });
    const operation = await callUnary(platform.operations, 'getOperation', {
      name: poisoned.name.replace('runs/', 'operations/'),
    });
    expect(operation.result?.$case === 'error' && fromStatus(operation.result.value)).toMatchObject({
      code: 'ABORTED',
      reason: 'RUN_FAILED',
      metadata: { code: 'ABORTED', reason: 'RUN_ENDS_ORCHESTRATOR' },
    });
    await callUnary(platform.client, 'resumeRun', { name: poisoned.name, budget: undefined, etag: '' });
    await platform.watch(poisoned.name, aside.lastEvent);
    expect((await platform.getRun(poisoned.name)).state).toBe(RunState.SUCCEEDED);
  });

  it('goes on where it gets on between them, or where the process ended in order', async () => {
    const { reached, release } = holdAt('sample', 1);
    const { name } = await platform.createRun();
    await reached;
    for (let round = 0; round < 4; round++) await platform.restart();
    await platform.restart({ between: (state) => noteCrashes(state, name, 2) });
    release();
    await platform.watch(name);
    expect((await platform.getRun(name)).state).toBe(RunState.SUCCEEDED);
  });
});

describe('a run that was under way when the orchestrator ended', () => {
  it('ends where the orchestrator has another version of its recipe now, and does nothing more', async () => {
    const { reached } = holdAt('train', 1);
    const { name } = await platform.createRun();
    await reached;
    await platform.restart({ between: (state) => noteRecipeVersion(state, name, 99) });
    await platform.watch(name);
    const { state, failure, iterations } = await platform.getRun(name);
    expect(state).toBe(RunState.FAILED);
    expect(failure).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'RECIPE_CHANGED', step: '' });
    expect(failure!.message).toContain('version 99 of recipe irpo');
    expect(iterations[1]!.steps.at(-1)).toMatchObject({ name: 'train', state: StepState.STARTED });
    expect(calls('train')).toBe(1);
  });

  it('goes on by itself, with the work that other services did for it meanwhile', async () => {
    const { reached, release } = holdAt('train', 1);
    const [first, second, waiting] = [
      await platform.createRun(),
      await platform.createRun(),
      await platform.createRun(),
    ];
    await reached;
    await platform.restart();
    release();
    for (const { name } of [first, second, waiting]) {
      await platform.watch(name);
      expect((await platform.getRun(name)).state).toBe(RunState.SUCCEEDED);
    }
    // Two iterations of three runs: nothing was trained twice.
    expect(calls('train')).toBe(6);
  });

  it('says so to its watchers', async () => {
    const { reached, release } = holdAt('train', 1);
    const { name } = await platform.createRun();
    await reached;
    await platform.restart();
    release();
    const events = await platform.watch(name);
    const warnings = events.flatMap(({ event }) => (event?.$case === 'warning' ? [event.value] : []));
    expect(warnings).toContainEqual(expect.stringMatching(/the orchestrator was started again/));
    const numbers = events.filter(({ event }) => event?.$case !== 'progress').map(({ number }) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

describe('PauseRun', () => {
  it('lets the shards in hand be finished, and the run goes on behind them', async () => {
    const undisturbed = await finished(inShards);
    platform.hooks.calls.length = 0;
    const { reached, release } = holdAt('sample', 2);
    const { name } = await platform.createRun(inShards);
    await reached;
    const pausing = callUnary(platform.client, 'pauseRun', PauseRunRequest.fromPartial({ name }));
    // The pause has begun when it lets no third shard start.
    await new Promise((resolve) => setTimeout(resolve, 200));
    release();
    expect((await pausing).state).toBe(RunState.PAUSED);
    const before = calls('sample');
    expect(before).toBeLessThan(4);
    await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
    await platform.watch(name, (await pausing).lastEvent);
    expect(calls('sample')).toBe(4);
    expect(made(await platform.getRun(name))).toEqual(made(undisturbed));
  });

  it('cancels the work of the trainer, which is asked again', async () => {
    const { reached } = holdAt('train', 1);
    const { name } = await platform.createRun(oneIteration);
    await reached;
    const paused = await callUnary(platform.client, 'pauseRun', PauseRunRequest.fromPartial({ name }));
    expect(paused.state).toBe(RunState.PAUSED);
    platform.hooks.before = async () => undefined;
    await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
    await platform.watch(name, paused.lastEvent);
    expect((await platform.getRun(name)).state).toBe(RunState.SUCCEEDED);
  });
});

describe('runs that wait for people', () => {
  const asking = (it: RunSpec): void => {
    it.recipe = 'human-feedback';
    it.settings = { ...it.settings, iterations: 1, pairs: {} };
  };
  /** Watches a run until people are asked. */
  async function untilAsked({ name }: Run): Promise<void> {
    for await (const { kind, event } of callServerStream(platform.client, 'watchRun', { name, afterEvent: 0n }))
      if (kind === StepKind.FEEDBACK && event?.$case === 'progress') return;
  }
  const cancel = ({ name }: Run) => callUnary(platform.client, 'cancelRun', CancelRunRequest.fromPartial({ name }));

  it('hold no place that another run could have, and are cancelled as others are', async () => {
    // Both places that there are.
    const waiting = [await platform.createRun(asking), await platform.createRun(asking)];
    await Promise.all(waiting.map(untilAsked));
    await finished(oneIteration);
    for (const run of waiting) {
      const { iterations, state } = await platform.getRun(run.name);
      expect([state, iterations.at(-1)!.steps.at(-1)!.kind]).toEqual([RunState.RUNNING, StepKind.FEEDBACK]);
      expect((await cancel(run)).state).toBe(RunState.CANCELLED);
    }
    await finished(oneIteration);
  });

  it('are paused at once, though others have all places', async () => {
    const waiting = await platform.createRun(asking);
    await untilAsked(waiting);
    const { reached, release } = holdAt('train', 1);
    const working = [await platform.createRun(oneIteration), await platform.createRun(oneIteration)];
    await reached;
    for (const { name } of working)
      await vi.waitFor(async () => expect((await platform.getRun(name)).state).toBe(RunState.RUNNING));
    const request = PauseRunRequest.fromPartial({ name: waiting.name });
    expect((await callUnary(platform.client, 'pauseRun', request)).state).toBe(RunState.PAUSED);
    release();
    await Promise.all(working.map(({ name }) => platform.watch(name)));
  });

  it.each([
    ['human-feedback', 'cycle', 'needs no verdicts'],
    ['irpo', 'majority', 'needs nothing of people'],
  ])('are not made in vain: %s by %s is refused', async (recipe, rule, why) => {
    const spec = (it: RunSpec): void => {
      it.recipe = recipe;
      it.settings = { ...it.settings, iterations: 1, pairs: { rule } };
    };
    await expect(platform.createRun(spec)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field: 'spec.settings.pairs.rule', description: expect.stringContaining(why) }],
    });
  });
});

describe('a budget', () => {
  it('of tokens ends a run before the step after it is used up; with a greater one it goes on', async () => {
    const { name } = await platform.createRun((it) => (it.budget = { tokens: 50n, seconds: 0, diskBytes: 0n }));
    await platform.watch(name);
    const failed = await platform.getRun(name);
    expect(failed.state).toBe(RunState.FAILED);
    expect(failed.error).toMatch(/iteration 1, evaluate: .* 107 of 50 tokens.*BUDGET_EXCEEDED/);
    await expect(callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }))).rejects.toMatchObject(
      {
        reason: 'BUDGET_EXCEEDED',
      },
    );
    const budget = { tokens: 1000n, seconds: 0, diskBytes: 0n };
    const resumed = await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name, budget }));
    await platform.watch(name, resumed.lastEvent);
    expect(await platform.getRun(name)).toMatchObject({ state: RunState.SUCCEEDED, budget, usage: { tokens: 214n } });
  });

  it('of bytes counts what the run has stored', async () => {
    const { name } = await platform.createRun((it) => (it.budget = { tokens: 0n, seconds: 0, diskBytes: 1n }));
    await platform.watch(name);
    expect((await platform.getRun(name)).error).toMatch(/iteration 1, sample: .* of 1 bytes in the store/);
  });

  it('of seconds ends the work in hand', async () => {
    const { reached } = holdAt('train', 1);
    const { name } = await platform.createRun((it) => (it.budget = { tokens: 0n, seconds: 2, diskBytes: 0n }));
    await reached;
    await platform.watch(name);
    expect((await platform.getRun(name)).error).toMatch(/iteration 1, train: .*2 seconds.*BUDGET_EXCEEDED/);
  });
});

describe('the choice among checkpoints', () => {
  const choosing =
    (select: object) =>
    (it: RunSpec): void => {
      it.validationProblemSet = platform.heldOut;
      Object.assign(settingsOf(it), { iterations: 6, select: { ...select } });
    };

  it('takes the one that is best on held-out problems', async () => {
    const run = await finished(choosing({}));
    const selections = run.iterations.map((iteration) => resultOf(iteration, 'select')!);
    const values = selections.map(({ evaluation }) => evaluation!.greedy!.accuracy);
    expect(run.bestIteration).toBe(values.indexOf(Math.max(...values)));
    expect(run.bestCheckpoint).toBe(run.iterations[run.bestIteration]!.checkpoint);
    expect(selections.map(({ evaluation }) => evaluation!.problemSet)).toEqual(Array(7).fill(platform.heldOut));
    expect(run.iterations[1]!.steps.map(({ kind }) => kind)).toContain(StepKind.SELECT);
    expect(run.earlyStop).toBe('');
  });

  it('ends a run whose checkpoints get no better', async () => {
    const run = await finished(choosing({ patience: 2, min_improvement: 0.999 }));
    expect(run.iterations.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(run).toMatchObject({ bestIteration: 0, bestCheckpoint: platform.base.name });
    expect(run.earlyStop).toMatch(/^iterations 1 to 2 brought no better checkpoint than iteration 0/);
  });

  it('ends the same where it was interrupted', async () => {
    const undisturbed = await finished(choosing({ patience: 2 }));
    const { reached, release } = holdAt('evaluate', 4);
    const { name } = await platform.createRun(choosing({ patience: 2 }));
    await reached;
    await platform.restart();
    release();
    await platform.watch(name);
    const run = await platform.getRun(name);
    expect(made(run)).toEqual(made(undisturbed));
    expect([run.bestIteration, run.earlyStop]).toEqual([undisturbed.bestIteration, undisturbed.earlyStop]);
  });

  it.each<[string, (spec: RunSpec) => void]>([
    ['spec.validation_problem_set', (it) => (it.validationProblemSet = it.testProblemSet)],
    ['spec.settings.select.metric', (it) => (settingsOf(it)['select'].metric = 'majority')],
    ['spec.settings.select.patience', (it) => (settingsOf(it)['select'].patience = -1)],
    ['spec.settings.select.min_improvement', (it) => (settingsOf(it)['select'].min_improvement = 1)],
  ])('refuses %s out of its range by name', async (field, change) => {
    const changed = (it: RunSpec): void => {
      choosing({})(it);
      change(it);
    };
    await expect(platform.createRun(changed)).rejects.toMatchObject({ violations: [{ field }] });
  });
});

describe('a schedule', () => {
  it('changes what it names from its iteration on, and leaves the rest', async () => {
    const change = {
      from_iteration: 2,
      temperature: 1.25,
      samples_per_problem: 6,
      pairs_per_problem: 3,
      learning_rate: 1e-5,
    };
    const run = await finished((it) => Object.assign(settingsOf(it), { iterations: 3, schedule: [change] }));
    const samples = run.iterations.map((iteration) => resultOf(iteration, 'sample')?.samples);
    expect(samples).toEqual([undefined, 40, 60, 60]);
    const recipes = await Promise.all(
      run.iterations.slice(1).map(async ({ checkpoint: name }) => {
        const { recipeJson } = await callUnary(platform.client, 'getCheckpoint', { name });
        return JSON.parse(recipeJson) as { samplesPerProblem: number; sampling: { temperature: number } };
      }),
    );
    expect(recipes.map(({ samplesPerProblem }) => samplesPerProblem)).toEqual([4, 6, 6]);
    expect(recipes.map(({ sampling }) => sampling.temperature)).toEqual([1, 1.25, 1.25]);
  });

  it.each([
    ['spec.settings.schedule[0].from_iteration', { from_iteration: 0 }],
    ['spec.settings.schedule[0].from_iteration', { from_iteration: 3 }],
    ['spec.settings.schedule[0].temperature', { from_iteration: 1, temperature: 0 }],
    ['spec.settings.schedule[0].samples_per_problem', { from_iteration: 1, samples_per_problem: 1 }],
    ['spec.settings.schedule[0].pairs_per_problem', { from_iteration: 1, pairs_per_problem: 0 }],
    ['spec.settings.schedule[0].pairs_per_problem', { from_iteration: 1, pairs_per_problem: 5 }],
    [
      'spec.settings.schedule[0].pairs_per_problem',
      { from_iteration: 1, samples_per_problem: 6, pairs_per_problem: 10 },
    ],
    ['spec.settings.schedule[0].samples_per_problem', { from_iteration: 1, samples_per_problem: 2 }],
    ['spec.settings.schedule[0].learning_rate', { from_iteration: 1, learning_rate: -1 }],
    ['spec.settings.schedule[0].learning_rate', { from_iteration: 1, learning_rate: 10 }],
    ['spec.settings.schedule[0].temperature', { from_iteration: 1, temperature: 1000 }],
  ])('refuses %s out of its range by name', async (field, change) => {
    const refused = platform.createRun((it) => (settingsOf(it)['schedule'] = [change]));
    await expect(refused).rejects.toMatchObject({ violations: [{ field }] });
  });
});

describe('policies', () => {
  it('bound how often a service that is away is asked', async () => {
    platform.hooks.before = async (call) => {
      if (call === 'score') throw HoneError.received({ code: 'UNAVAILABLE', reason: 'GONE', message: 'away' });
    };
    const policies = [{ kind: StepKind.SCORE, maxAttempts: 2, deadlineSeconds: 0 }];
    const { name } = await platform.createRun((it) => (it.policies = policies));
    await platform.watch(name);
    expect((await platform.getRun(name)).error).toMatch(/iteration 1, score: .*away.*UNAVAILABLE/);
  });

  it('give a call that hangs up at its deadline, and ask again', async () => {
    let held = 0;
    platform.hooks.before = async (call, signal) => {
      if ((call !== 'sample' && call !== 'train') || held++ >= 2) return;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    };
    const policies = [StepKind.SAMPLE, StepKind.TRAIN].map((kind) => ({ kind, maxAttempts: 3, deadlineSeconds: 0.5 }));
    await finished((it) => (oneIteration(it), void (it.policies = policies)));
    expect(held).toBeGreaterThan(2);
  });
});

it('the same request id makes one run, however many ask at the same time', async () => {
  const request = { requestId: randomUUID(), spec: platform.spec(oneIteration), validateOnly: false };
  const runs = await Promise.all(Array.from({ length: 5 }, () => callUnary(platform.client, 'createRun', request)));
  expect(new Set(runs.map(({ name }) => name)).size).toBe(1);
  await platform.watch(runs[0]!.name);
});

it('several runs are at work at the same time, and end like runs that are alone', async () => {
  const alone = await finished();
  const { reached, release } = holdAt('train', 1);
  const [first, second] = [await platform.createRun(), await platform.createRun()];
  await reached;
  // The trainer is taken by one of them; the other has sampled meanwhile.
  await expect.poll(() => calls('sample')).toBe(2 + 2);
  release();
  for (const { name } of [first, second]) {
    await platform.watch(name);
    expect(made(await platform.getRun(name))).toEqual(made(alone));
  }
});

describe('a run of a named model', () => {
  it('publishes every M_t as a version, and its choice as best', async () => {
    const run = await finished((it) => {
      it.validationProblemSet = platform.heldOut;
      settingsOf(it)['select'] = {};
      it.model = 'reasoner';
    });
    for (const { index, checkpoint: name } of run.iterations) {
      const version = `models/reasoner/versions/${index + 1}`;
      const found = await callUnary(
        platform.client,
        'getCheckpoint',
        GetCheckpointRequest.fromPartial({ name: version }),
      );
      expect(found.name).toBe(name);
    }
    const names = { latest: run.iterations.at(-1)!.checkpoint, best: run.bestCheckpoint };
    for (const [alias, expected] of Object.entries(names)) {
      const request = GetCheckpointRequest.fromPartial({ name: `models/reasoner@${alias}` });
      expect((await callUnary(platform.client, 'getCheckpoint', request)).name).toBe(expected);
    }
  });

  it('is refused where the name is none', async () => {
    await expect(platform.createRun((it) => (it.model = '../x'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('lists of runs', () => {
  const list = (request: PartialMessage<ListRunsRequest>) =>
    callUnary(platform.client, 'listRuns', messageOf(ListRunsRequest, request));

  it('are filtered and ordered', async () => {
    for (const displayName of ['older', 'newer'])
      await finished((it) => (oneIteration(it), void Object.assign(it, { displayName, benchmark: 'listed' })));
    const filter = 'benchmark = listed AND state = SUCCEEDED';
    const found = await list({ filter, orderBy: 'create_time' });
    expect(found.runs.map(({ spec }) => spec!.displayName)).toEqual(['older', 'newer']);
    expect((await list({ filter: 'benchmark = listed AND state = FAILED' })).runs).toEqual([]);
    expect((await list({ filter: 'display_name = "new*"' })).runs).toHaveLength(1);
    await expect(list({ filter: 'secret = 1' })).rejects.toMatchObject({ violations: [{ field: 'filter' }] });
    await expect(list({ orderBy: 'spec' })).rejects.toMatchObject({ violations: [{ field: 'order_by' }] });
    const first = await list({ filter, pageSize: 1 });
    const other = list({ pageSize: 1, pageToken: first.nextPageToken });
    await expect(other).rejects.toMatchObject({ violations: [{ field: 'page_token' }] });
  });

  it('and single runs are cut to the fields of a mask', async () => {
    const { runs } = await list({ pageSize: 1, readMask: ['name', 'state'] });
    expect(runs[0]).toMatchObject({ spec: undefined, etag: '' });
    expect(runs[0]!.name).toMatch(/^runs\//);
    const request = GetRunRequest.fromPartial({ name: runs[0]!.name, readMask: ['secret'] });
    await expect(callUnary(platform.client, 'getRun', request)).rejects.toMatchObject({
      violations: [{ field: 'read_mask' }],
    });
  });
});

it('a run that has changed since its etag was read is not paused, cancelled or resumed', async () => {
  const { reached } = holdAt('train', 1);
  const { name, etag } = await platform.createRun();
  await reached;
  for (const method of ['pauseRun', 'cancelRun', 'resumeRun'] as const) {
    const stale = callUnary(platform.client, method, ResumeRunRequest.fromPartial({ name, etag }));
    await expect(stale).rejects.toMatchObject({ code: 'ABORTED', reason: 'ETAG_MISMATCH' });
  }
  const { etag: current } = await platform.getRun(name);
  const cancelled = await callUnary(
    platform.client,
    'cancelRun',
    CancelRunRequest.fromPartial({ name, etag: current }),
  );
  expect(cancelled.state).toBe(RunState.CANCELLED);
});

describe('the operation of a run', () => {
  const nameOf = ({ name }: Run): string => name.replace('runs/', 'operations/');
  const timeout = { seconds: 20n, nanos: 0 };

  it('is waited for, and answers with the run', async () => {
    const run = await platform.createRun(oneIteration);
    const name = nameOf(run);
    const started = await callUnary(platform.operations, 'getOperation', { name });
    expect(RunMetadata.decode(started.metadata!.value).run).toBe(run.name);
    const done = await callUnary(platform.operations, 'waitOperation', { name, timeout });
    expect(done.done).toBe(true);
    const { value: any } = done.result as { value: { typeUrl: string; value: Buffer } };
    expect(any.typeUrl).toBe('type.googleapis.com/hone.orchestrator.v1.Run');
    expect(Run.decode(any.value)).toMatchObject({ name: run.name, state: RunState.SUCCEEDED });
    const request = ListOperationsRequest.fromPartial({ pageSize: 1, filter: `name = "${run.name}"` });
    const { operations } = await callUnary(platform.operations, 'listOperations', request);
    expect(operations.map((operation) => operation.name)).toEqual([name]);
  });

  it('is waited for no longer than asked, and cancelled by its name', async () => {
    const { reached } = holdAt('train', 1);
    const run = await platform.createRun();
    await reached;
    const name = nameOf(run);
    const short = { seconds: 0n, nanos: 50_000_000 };
    expect(await callUnary(platform.operations, 'waitOperation', { name, timeout: short })).toMatchObject({
      done: false,
    });
    await callUnary(platform.operations, 'cancelOperation', { name });
    const done = await callUnary(platform.operations, 'getOperation', { name });
    expect(done).toMatchObject({ done: true, result: { $case: 'error', value: { code: 1 } } });
    const unknown = callUnary(platform.operations, 'getOperation', { name: 'operations/../x' });
    await expect(unknown).rejects.toMatchObject({ violations: [{ field: 'name' }] });
  });
});

it('a clock that jumps while a run is at work changes nothing', async () => {
  const undisturbed = await finished();
  const { now } = Date;
  let offsetMs = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + offsetMs);
  try {
    // Set back before the run is created, while it waits, and while it is at work.
    offsetMs = -48 * 3_600_000;
    const { name } = await platform.createRun();
    for (const hours of [-96, 24, -12]) {
      offsetMs = hours * 3_600_000;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await platform.watch(name);
    const run = await platform.getRun(name);
    expect(run.state).toBe(RunState.SUCCEEDED);
    expect(made(run)).toEqual(made(undisturbed));
    expect(run.usage!.seconds).toBeLessThan(3600);
  } finally {
    vi.restoreAllMocks();
  }
});
