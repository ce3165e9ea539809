import { randomUUID } from 'node:crypto';
import {
  ResumeRunRequest,
  ListRunsRequest,
  CancelRunRequest,
  artifactsOf,
  resultOf,
  RunState,
  ScorerRef,
  stepOf,
  StepKind,
  WeightPrecision,
  type RunEvent,
  type RunSpec,
} from '@hone/contracts';
import { HoneError, internal } from '@hone/errors';
import { callServerStream, callUnary } from '@hone/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.hooks.calls.length = 0;
  platform.hooks.before = async () => undefined;
  platform.hooks.rightOf256 = 128;
});

/** Waits at the n-th call of this name until its caller goes away. */
function blockAt(call: string, n: number): Promise<void> {
  let count = 0;
  return new Promise((reached) => {
    platform.hooks.before = async (name, signal) => {
      if (name !== call || ++count !== n) return;
      reached();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    };
  });
}

const statesOf = (events: RunEvent[]): RunState[] =>
  events.flatMap(({ event }) => (event?.$case === 'state' ? [event.value] : []));

describe('a run', () => {
  it('goes from M_0 through its iterations, and tells all of it', async () => {
    const created = await platform.createRun();
    expect(created).toMatchObject({ state: RunState.QUEUED, iterations: [] });
    const events = await platform.watch(created.name);
    const run = await platform.getRun(created.name);
    expect(run).toMatchObject({ state: RunState.SUCCEEDED, error: '' });
    expect(run.iterations.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(run.iterations[0]!.checkpoint).toBe(platform.base.name);
    expect(run.iterations[0]!.steps.map(({ name }) => name)).toEqual(['evaluate', 'publish']);
    const [, first, second] = run.iterations;
    expect(resultOf(first!, 'sample')).toMatchObject({ problems: 10, samples: 40, samplesPerProblem: 4 });
    expect(resultOf(first!, 'build')!.report).toMatchObject({ rule: 'first/1', problems: 10 });
    const { verdicts } = resultOf(first!, 'score')!;
    expect(verdicts).toMatchObject({ unscorable: 0 });
    expect(verdicts!.correct + verdicts!.wrong).toBe(40);
    expect(resultOf(first!, 'train')!.checkpoint!.parent).toBe(platform.base.name);
    expect(resultOf(second!, 'train')!.checkpoint!.parent).toBe(first!.checkpoint);
    const names = ['sample', 'score', 'build', 'train', 'evaluate', 'publish'];
    expect(first!.steps.map(({ name }) => name)).toEqual(names);
    expect(first!.steps.map(({ kind }) => kind)).toEqual(names.map((name) => `STEP_KIND_${name.toUpperCase()}`));
    for (const { state, startTime, endTime } of first!.steps) {
      expect(state).toBe('STEP_STATE_FINISHED');
      expect(endTime!.getTime()).toBeGreaterThanOrEqual(startTime!.getTime());
    }
    expect(first!.steps[0]!.usage).toMatchObject({ tokens: 7n, cpuSeconds: 0.5, peakMemoryBytes: 1000n });
    expect(first!.steps[1]!.usage).toMatchObject({ cpuSeconds: 0.25, peakMemoryBytes: 3000n });
    expect(first!.steps[2]!.usage).toMatchObject({ cpuSeconds: 0.125, peakMemoryBytes: 2000n });
    expect(Object.keys(artifactsOf(first!)).sort()).toEqual(['completions', 'evaluation', 'groups', 'verdicts']);
    expect(first!.steps[0]!.artifacts['completions']).toMatchObject({ kind: 'completions', version: 1, count: 10 });
    expect(first!.steps[1]!.artifacts['verdicts']).toMatchObject({ kind: 'verdicts', version: 1, count: 40 });
    const kept = events.filter(({ event }) => event?.$case !== 'progress');
    expect(kept.map(({ number }) => Number(number))).toEqual(kept.map((_, index) => index + 1));
    expect(Number(run.lastEvent)).toBe(kept.length);
    expect(statesOf(kept)).toEqual([RunState.QUEUED, RunState.RUNNING, RunState.SUCCEEDED]);
    expect(kept.filter(({ event }) => event?.$case === 'iterationFinished')).toHaveLength(3);
    const warnings = kept.flatMap(({ event }) => (event?.$case === 'warning' ? [event.value] : []));
    expect(warnings[0]).toBe('the trainer warns');
    expect(warnings[1]).toMatch(/less likely: their log-prob ended 2.00 below the reference's/);
  });

  it('says what drew its completions, and of how many the log-probs are not exact', async () => {
    const { name } = await platform.createRun((it) => (settingsOf(it)['sampling'].weights = 'int8'));
    const events = await platform.watch(name);
    const warnings = events.flatMap(({ event }) => (event?.$case === 'warning' ? [event.value] : []));
    const [, first] = (await platform.getRun(name)).iterations;
    expect(resultOf(first!, 'sample')).toMatchObject({
      engines: ['hashing'],
      weightPrecisions: [WeightPrecision.INT8],
    });
    const { inexactLogProbs } = resultOf(first!, 'build')!.report!;
    expect(inexactLogProbs).toBeGreaterThan(0);
    expect(warnings[0]).toMatch(
      new RegExp(`^${inexactLogProbs} completions in pairs were sampled from rounded weights`),
    );
  });

  it('draws, pairs and trains the same from the same spec, and other things from another seed', async () => {
    const outcomes = [];
    for (const seed of [5n, 5n, 6n]) {
      const { name } = await platform.createRun((it) => (it.seed = seed));
      await platform.watch(name);
      outcomes.push(
        (await platform.getRun(name)).iterations.map((iteration) => ({
          checkpoint: iteration.checkpoint,
          artifacts: artifactsOf(iteration),
        })),
      );
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]![2]!.checkpoint).not.toBe(outcomes[0]![2]!.checkpoint);
    expect(outcomes[2]![1]!.artifacts).not.toEqual(outcomes[0]![1]!.artifacts);
  });

  it('samples the same problems in order, each in its own position', async () => {
    const { name } = await platform.createRun();
    await platform.watch(name);
    const { iterations } = await platform.getRun(name);
    const drawn = [];
    for (const iteration of iterations.slice(1)) {
      const ids: number[] = [];
      for await (const row of platform.store.readJsonLines<{
        problemId: string;
        completions: { completion: { sampleIndex?: number } }[];
      }>(artifactsOf(iteration)['completions']!)) {
        ids.push(Number(row.problemId.slice(1)));
        expect(row.completions.map(({ completion }) => completion.sampleIndex ?? 0)).toEqual([0, 1, 2, 3]);
      }
      expect(ids).toEqual([...ids].sort((left, right) => left - right));
      expect(new Set(ids).size).toBe(10);
      drawn.push(ids);
    }
    expect(drawn[0]).not.toEqual(drawn[1]);
  });

  it('that was cancelled goes on from its last finished phase and ends like an undisturbed one', async () => {
    const undisturbed = await platform.createRun();
    await platform.watch(undisturbed.name);
    for (const [call, n] of [
      ['sample', 2],
      ['score', 1],
      ['buildDataset', 2],
      ['train', 1],
      ['evaluate', 3],
    ] as const) {
      const reached = blockAt(call, n);
      const { name } = await platform.createRun();
      await reached;
      const cancelled = await callUnary(platform.client, 'cancelRun', CancelRunRequest.fromPartial({ name }));
      expect(cancelled.state).toBe(RunState.CANCELLED);
      platform.hooks.before = async () => undefined;
      platform.hooks.calls.length = 0;
      await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
      const events = await platform.watch(name, cancelled.lastEvent);
      expect(statesOf(events)).toEqual([RunState.QUEUED, RunState.RUNNING, RunState.SUCCEEDED]);
      // What was given up is done once more, what was finished before is not.
      expect(platform.hooks.calls[0]).toBe(call);
      const checkpoints = (await platform.getRun(name)).iterations.map(({ checkpoint }) => checkpoint);
      expect(checkpoints).toEqual(
        (await platform.getRun(undisturbed.name)).iterations.map(({ checkpoint }) => checkpoint),
      );
    }
  });

  it('is interrupted by the end of an orchestrator that is not to go on with it, and so are those that are queued', async () => {
    const reached = blockAt('train', 1);
    const [active, waiting] = [await platform.createRun(), await platform.createRun()];
    await reached;
    expect((await platform.getRun(waiting.name)).state).toBe(RunState.QUEUED);
    await platform.restart({ resumeRuns: false });
    for (const { name } of [active, waiting]) {
      expect((await platform.getRun(name)).state).toBe(RunState.INTERRUPTED);
      platform.hooks.before = async () => undefined;
      await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
    }
    for (const { name } of [active, waiting]) {
      await platform.watch(name);
      expect((await platform.getRun(name)).state).toBe(RunState.SUCCEEDED);
    }
  });

  it('outlives a service that is away for a moment', async () => {
    const away = new Set(['sample', 'score', 'buildDataset', 'train', 'evaluate']);
    platform.hooks.before = async (call) => {
      if (!away.delete(call)) return;
      throw HoneError.received({ code: 'UNAVAILABLE', reason: 'GONE', message: 'away' });
    };
    const { name } = await platform.createRun((it) => (settingsOf(it)['iterations'] = 1));
    await platform.watch(name);
    expect(away.size).toBe(0);
    expect(await platform.getRun(name)).toMatchObject({ state: RunState.SUCCEEDED });
  });

  it('gives up on work whose process dies again and again', async () => {
    platform.hooks.before = async (call) => {
      if (call === 'train') throw new HoneError({ code: 'UNAVAILABLE', reason: 'WORKER_ENDED', message: 'killed' });
    };
    const { name } = await platform.createRun();
    await platform.watch(name);
    expect((await platform.getRun(name)).error).toMatch(
      /train: .*after 2 tries: killed \(ABORTED, WORK_KEEPS_FAILING\)/,
    );
    expect(platform.hooks.calls.filter((call) => call === 'train')).toHaveLength(2);
  });

  it('fails with the error of the service, where it happened, and can be resumed', async () => {
    platform.hooks.before = async (call) => {
      if (call === 'score') throw internal('the scorer broke');
    };
    const { name } = await platform.createRun();
    const events = await platform.watch(name);
    const error = 'iteration 1, score: the scorer broke (INTERNAL, INTERNAL)';
    expect(events.at(-1)).toMatchObject({ event: { $case: 'state', value: RunState.FAILED }, error, iteration: 1 });
    expect(await platform.getRun(name)).toMatchObject({ state: RunState.FAILED, error });
    platform.hooks.before = async () => undefined;
    const resumed = await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
    expect(resumed).toMatchObject({ error: '' });
    await platform.watch(name, resumed.lastEvent);
    expect((await platform.getRun(name)).state).toBe(RunState.SUCCEEDED);
  });

  it('without a single pair fails with the pair report and advice', async () => {
    platform.hooks.rightOf256 = 0;
    const { name } = await platform.createRun();
    await platform.watch(name);
    const { error, failure } = await platform.getRun(name);
    expect(failure).toMatchObject({
      ...{ code: 'FAILED_PRECONDITION', reason: 'NO_PAIRS', iteration: 1, step: 'build' },
      metadata: { problems: '10', problems_all_wrong: '10', problems_all_right: '0', wrong: '40', truncated: '0' },
    });
    // Three wrong completions, of three problems, with what was read and what is right.
    const quoted = [...error.matchAll(/problem "(p\d+)", sample 0: "#### 2" \(read as 2, right is 1\)/g)];
    expect(new Set(quoted.map(([, id]) => id)).size).toBe(3);
    expect(error).toMatch(
      /^iteration 1, build: no pair could be built.*Pair report: 10 problems.*10 with none.*40 wrong/,
    );
    expect(error).toMatch(/use easier problems.*\(FAILED_PRECONDITION, NO_PAIRS\)$/);
  });

  it('warms up stage by stage until the target is reached', async () => {
    const stage = { dataset: platform.dataset, training: { learning_rate: 1e-4 } };
    const warm_up = [stage, { ...stage, target_accuracy: 0.5, max_rounds: 20 }];
    const { name } = await platform.createRun((it) => Object.assign(settingsOf(it), { warm_up, iterations: 1 }));
    await platform.watch(name);
    const rounds = platform.hooks.calls.filter((call) => call === 'train').length;
    const run = await platform.getRun(name);
    expect(run.state).toBe(RunState.SUCCEEDED);
    const { steps } = run.iterations[0]!;
    // The last training is that of iteration 1.
    expect(steps.filter(({ kind }) => kind === StepKind.TRAIN)).toHaveLength(rounds - 1);
    expect(stepOf(run.iterations[0]!, 'stage-0/round-1')!.usage).toMatchObject({ tokens: 100n, seconds: 2 });
    expect(steps.filter(({ name }) => name.endsWith('/measured'))).toHaveLength(rounds - 2);
    expect(stepOf(run.iterations[0]!, 'stage-1/round-1/measured')!.usage).toMatchObject({ seconds: 3 });
    const { checkpoints } = await callUnary(platform.client, 'getLineage', { name: run.iterations[1]!.checkpoint });
    expect(checkpoints).toHaveLength(rounds + 1);
    expect(checkpoints.at(-1)!.name).toBe(platform.base.name);
    expect(checkpoints[1]!.name).toBe(run.iterations[0]!.checkpoint);
    const impossible = [{ ...stage, target_accuracy: 1, max_rounds: 2 }];
    const failing = await platform.createRun((it) => (settingsOf(it)['warm_up'] = impossible));
    await platform.watch(failing.name);
    expect((await platform.getRun(failing.name)).error).toMatch(
      /stage-0\/round-2\/measured: warm_up\[0\]: greedy accuracy .* after 2 round\(s\), below the target of 100.0 %/,
    );
  });
});

/** Gives a setting a value, by its path. */
function set(path: string, value: unknown): (spec: RunSpec) => void {
  return (spec) => {
    const keys = path.split('.');
    const last = keys.pop()!;
    keys.reduce((settings, key) => settings[key], settingsOf(spec))[last] = value;
  };
}

describe('CreateRun', () => {
  it('with the same request id is the same run, and refuses another spec under it', async () => {
    const request = { requestId: randomUUID(), spec: platform.spec(), validateOnly: false };
    const first = await callUnary(platform.client, 'createRun', request);
    const second = await callUnary(platform.client, 'createRun', { ...request, validateOnly: true });
    expect(second.name).toBe(first.name);
    const other = { ...request, spec: platform.spec((it) => (it.seed = 9n)) };
    await expect(callUnary(platform.client, 'createRun', other)).rejects.toMatchObject({
      violations: [{ field: 'request_id' }],
    });
    await platform.watch(first.name);
  });

  it('takes a prefix of the base checkpoint, and keeps its whole name', async () => {
    const spec = platform.spec((it) => (it.baseCheckpoint = it.baseCheckpoint.slice(0, 'checkpoints/'.length + 8)));
    const checked = await callUnary(platform.client, 'createRun', { requestId: '', spec, validateOnly: true });
    expect(checked).toMatchObject({ name: '', spec: { baseCheckpoint: platform.base.name } });
  });

  it.each<[string, (spec: RunSpec) => void]>([
    ['spec.base_checkpoint', (it) => (it.baseCheckpoint = '')],
    ['spec.base_checkpoint', (it) => (it.baseCheckpoint = 'checkpoints/../../etc')],
    ['spec.train_problem_set', (it) => (it.trainProblemSet = 'problemSets/x')],
    ['spec.test_problem_set', (it) => (it.testProblemSet = '')],
    ['spec.scorer.name', (it) => (it.scorer = ScorerRef.fromPartial({}))],
    ['spec.settings.iterations', set('iterations', 0)],
    ['spec.settings.problems_per_iteration', set('problems_per_iteration', -1)],
    ['spec.settings.problems_per_iteration', set('problems_per_iteration', 41)],
    ['spec.settings.samples_per_problem', set('samples_per_problem', 1)],
    ['spec.settings.sampling', set('sampling', 'hot')],
    ['spec.settings.sampling.temperature', set('sampling.temperature', -0.5)],
    ['spec.settings.sampling.temperature', set('sampling.temperature', 0)],
    ['spec.settings.sampling.max_tokens', set('sampling.max_tokens', -1)],
    ['spec.settings.pairs', set('pairs', [])],
    ['spec.settings.pairs.per_problem', set('pairs.per_problem', 0)],
    // 4 samples: 2 winners and 2 losers at best.
    ['spec.settings.pairs.per_problem', set('pairs.per_problem', 5)],
    ['spec.settings.sampling.temperature', set('sampling.temperature', 1000)],
    ['spec.settings.training.learning_rate', set('training.learning_rate', 10)],
    ['spec.settings.sampling.max_tokens', set('sampling.max_tokens', 100_000)],
    ['spec.settings.evaluation.max_tokens', set('evaluation.max_tokens', 100_000)],
    ['spec.settings.pairs.rule', set('pairs.rule', 'best')],
    // It makes examples.
    ['spec.settings.pairs.rule', set('pairs', { rule: 'right-samples' })],
    ['spec.settings.training.beta', set('training.beta', 0)],
    ['spec.settings.evaluation.max_tokens', set('evaluation.max_tokens', -1)],
    ['spec.settings.evaluation', set('evaluation.greedy', false)],
    ['spec.settings.warm_up[0].dataset', (it) => (settingsOf(it)['warm_up'] = [{ dataset: '' }])],
    [
      'spec.settings.warm_up[0].target_accuracy',
      (it) => (settingsOf(it)['warm_up'] = [{ dataset: platform.dataset, target_accuracy: 1.5 }]),
    ],
    [
      'spec.validation_problem_set',
      (it) => {
        settingsOf(it)['warm_up'] = [{ dataset: platform.dataset, target_accuracy: 1 }];
        it.validationProblemSet = '';
      },
    ],
  ])('refuses %s out of its range by name', async (field, change) => {
    await expect(platform.createRun(change)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field }],
    });
  });

  it('names what it finds wrong itself and what the pair-builder does, at once', async () => {
    const created = platform.createRun((it) => {
      set('iterations', 0)(it);
      set('pairs.per_problem', 0)(it);
    });
    await expect(created).rejects.toMatchObject({
      violations: [{ field: 'spec.settings.iterations' }, { field: 'spec.settings.pairs.per_problem' }],
    });
  });

  it('says what does not exist', async () => {
    const digest = '0'.repeat(64);
    const changes: ((spec: RunSpec) => void)[] = [
      (it) => (it.baseCheckpoint = `checkpoints/${digest}`),
      (it) => (it.trainProblemSet = `problemSets/${digest}`),
      (it) => (it.testProblemSet = `problemSets/${digest}`),
    ];
    for (const change of changes) {
      await expect(platform.createRun(change)).rejects.toMatchObject({ code: 'NOT_FOUND', message: /0{64} not found/ });
    }
  });
});

describe('runs', () => {
  it('are listed by pages, the newest first', async () => {
    for (let count = 0; count < 3; count++)
      await platform.watch((await platform.createRun((it) => (settingsOf(it)['iterations'] = 1))).name);
    const names: string[] = [];
    let pageToken = '';
    do {
      const page = await callUnary(
        platform.client,
        'listRuns',
        ListRunsRequest.fromPartial({ pageSize: 2, pageToken }),
      );
      expect(page.runs.length).toBeLessThanOrEqual(2);
      names.push(...page.runs.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(new Set(names).size).toBe(names.length);
    const { runs } = await callUnary(
      platform.client,
      'listRuns',
      ListRunsRequest.fromPartial({ pageSize: 1000, pageToken: '' }),
    );
    expect(names).toEqual(runs.map(({ name }) => name));
    const times = runs.map(({ createTime }) => createTime!.getTime());
    expect(times).toEqual([...times].sort((left, right) => right - left));
    for (const pageSize of [-1, 1001]) {
      await expect(
        callUnary(platform.client, 'listRuns', ListRunsRequest.fromPartial({ pageSize, pageToken: '' })),
      ).rejects.toThrow('page_size');
    }
    await expect(
      callUnary(platform.client, 'listRuns', ListRunsRequest.fromPartial({ pageSize: 1, pageToken: 'x' })),
    ).rejects.toThrow('page_token');
  });

  it('that stand still cannot be cancelled, and those that succeeded cannot be resumed', async () => {
    const { name } = await platform.createRun((it) => (settingsOf(it)['iterations'] = 1));
    await platform.watch(name);
    for (const method of ['cancelRun', 'resumeRun'] as const) {
      await expect(callUnary(platform.client, method, ResumeRunRequest.fromPartial({ name }))).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
      });
      await expect(
        callUnary(platform.client, method, ResumeRunRequest.fromPartial({ name: 'runs/none' })),
      ).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await expect(
        callUnary(platform.client, method, ResumeRunRequest.fromPartial({ name: '../x' })),
      ).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });

  it('that is queued can be cancelled, and never start', async () => {
    const reached = blockAt('sample', 1);
    const [active, waiting] = [await platform.createRun(), await platform.createRun()];
    await reached;
    expect(
      (await callUnary(platform.client, 'cancelRun', CancelRunRequest.fromPartial({ name: waiting.name }))).state,
    ).toBe(RunState.CANCELLED);
    await callUnary(platform.client, 'cancelRun', CancelRunRequest.fromPartial({ name: active.name }));
    expect(statesOf(await platform.watch(waiting.name))).toEqual([RunState.QUEUED, RunState.CANCELLED]);
  });

  it('report progress while they work, and a watcher that leaves does not disturb them', async () => {
    const reached = blockAt('train', 1);
    const { name } = await platform.createRun();
    await reached;
    for await (const event of callServerStream(platform.client, 'watchRun', { name, afterEvent: 0n })) {
      if (event.event?.$case !== 'progress') continue;
      expect(event).toMatchObject({
        iteration: 1,
        step: 'train',
        kind: 'STEP_KIND_TRAIN',
        event: { value: { done: 3n, total: 10n, unit: 'steps', training: { loss: 0.5 } } },
      });
      break;
    }
    expect((await callUnary(platform.client, 'cancelRun', CancelRunRequest.fromPartial({ name }))).state).toBe(
      RunState.CANCELLED,
    );
  });
});
