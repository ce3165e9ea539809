import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  artifactsOf,
  CheckpointOrigin,
  GetRunRequest,
  resultOf,
  RunState,
  StepKind,
  type Checkpoint,
  type Run,
  type RunSpec,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary } from '@hone/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPlatform, type Platform } from './platform.ts';
import { demonstrations, essence, modelRequest, problems, runSpec } from './sums.ts';

let platform: Platform;
let spec: RunSpec;
let base: Checkpoint;
/** A run that nothing disturbed. */
let undisturbed: Run;

async function* messages<Item, Message>(items: Item[], message: (item: Item) => Message): AsyncGenerator<Message> {
  for (const item of items) yield message(item);
}

beforeAll(async () => {
  platform = await startPlatform();
  const made = await callUnary(platform.trainer, 'initializeCheckpoint', modelRequest());
  base = await callUnary(platform.orchestrator, 'getCheckpoint', { name: made.name });
  const { name: problemSet } = await callClientStream(
    platform.uploads,
    'uploadProblemSet',
    messages(problems(), (problem) => ({ problem })),
  );
  const { name: dataset } = await callClientStream(
    platform.uploads,
    'uploadDataset',
    messages(demonstrations(), (value) => ({ record: { $case: 'example' as const, value } })),
  );
  spec = runSpec({ checkpoint: base.name, problemSet, dataset });
  undisturbed = await finish((await createRun()).name);
}, 180_000);

afterAll(async () => {
  expect(await platform.stop()).toEqual([0, 0, 0, 0, 0, 0]);
});

const createRun = (): Promise<Run> =>
  callUnary(platform.orchestrator, 'createRun', { requestId: '', spec, validateOnly: false });

/** Watches a run to its end. */
async function finish(name: string): Promise<Run> {
  const events = callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n });
  while (!(await events.next()).done);
  return callUnary(platform.orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
}

/** Training jobs that the trainer was given so far. */
async function trainingJobs(): Promise<number> {
  const request = { name: 'operations', filter: '', pageSize: 1000, pageToken: '', returnPartialSuccess: false };
  return (await callUnary(platform.trainerOperations, 'listOperations', request)).operations.length;
}

describe('the whole loop over the wire', () => {
  it('makes a new checkpoint at every iteration, from pairs of its own samples', () => {
    expect(undisturbed.error).toBe('');
    expect(undisturbed.state).toBe(RunState.SUCCEEDED);
    expect(undisturbed.iterations.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set([base.name, ...undisturbed.iterations.map(({ checkpoint }) => checkpoint)]).size).toBe(4);
    for (const iteration of undisturbed.iterations.slice(1)) {
      const [samples, verdicts] = [resultOf(iteration, 'sample')!.samples, resultOf(iteration, 'score')!.verdicts];
      const [built, training] = [resultOf(iteration, 'build')!, resultOf(iteration, 'train')];
      expect(samples).toBe(360);
      const { correct, wrong, unscorable, truncated, error } = verdicts!;
      expect(correct + wrong + unscorable + truncated + error).toBe(360);
      expect(error).toBe(0);
      expect(built.report!.pairs).toBeGreaterThan(20);
      // Training begins at the reference, so the first steps' rewards are near zero, and ends with the chosen preferred.
      expect(Math.abs(training!.first!.margin)).toBeLessThan(0.05);
      expect(training!.last!.margin).toBeGreaterThan(training!.first!.margin);
    }
  });

  it('says how its samples and its training went', () => {
    for (const iteration of undisturbed.iterations.slice(1)) {
      const [sampled, scored] = [resultOf(iteration, 'sample')!, resultOf(iteration, 'score')!];
      expect(Number(sampled.completionTokens) / sampled.samples).toBeGreaterThan(1);
      expect(scored.problems).toBe(sampled.problems);
      expect(scored.problemsMixed + scored.problemsAllRight + scored.problemsNoneRight).toBe(scored.problems);
      expect(scored.problemsMixed).toBe(resultOf(iteration, 'build')!.report!.problemsUsed);
      expect(scored.distinctAnswers).toBeGreaterThan(scored.problemsAnswered);
      // The trainer starts from the checkpoint that was sampled from, which is the reference: at its start the loss of DPO is ln 2.
      const { start, last } = resultOf(iteration, 'train')!;
      expect(start!.expectedLoss).toBeCloseTo(Math.LN2, 6);
      expect(start!.preferenceLoss).toBeCloseTo(Math.LN2, 4);
      expect(start!.logProbGap).toBeLessThan(1e-4);
      expect(last!.kl).toBeDefined();
      expect(last!.chosenLogProb - last!.referenceChosenLogProb).toBeCloseTo(last!.chosenReward / 0.1, 1);
    }
  });

  it('measures time and memory of every step', () => {
    const names = undisturbed.iterations.map(({ steps }) => steps.map(({ name }) => name));
    const turn = ['sample', 'score', 'build', 'train', 'evaluate', 'publish'];
    expect(names).toEqual([['stage-0/round-1', 'evaluate', 'publish'], turn, turn]);
    for (const { kind, usage } of undisturbed.iterations.flatMap(({ steps }) => steps)) {
      if (kind === StepKind.PUBLISH) continue;
      expect(usage!.seconds).toBeGreaterThan(0);
      expect(usage!.cpuSeconds).toBeGreaterThan(0);
      expect(usage!.peakMemoryBytes).toBeGreaterThan(10_000_000n);
      if (kind !== StepKind.SCORE && kind !== StepKind.BUILD) expect(usage!.tokens).toBeGreaterThan(0n);
    }
  });

  it('keeps the lineage from the last checkpoint to the base', async () => {
    const name = undisturbed.iterations[2]!.checkpoint;
    const { checkpoints } = await callUnary(platform.orchestrator, 'getLineage', { name });
    const names = undisturbed.iterations.map(({ checkpoint }) => checkpoint).reverse();
    expect(checkpoints.map((it) => it.name)).toEqual([...names, base.name]);
    expect(checkpoints.map(({ origin }) => origin).at(-1)).toBe(CheckpointOrigin.INITIALIZED);
    expect(checkpoints[0]!.dataset).toBe(`datasets/${artifactsOf(undisturbed.iterations[2]!)['groups']}`);
  });

  it('exports a checkpoint that can be imported again under the same name', async () => {
    const { checkpoint: name } = undisturbed.iterations[2]!;
    const folder = await mkdtemp(path.join(tmpdir(), 'hone-export-'));
    const files = new Set<string>();
    for await (const { chunk } of callServerStream(platform.orchestrator, 'exportCheckpoint', {
      name,
      adapter: false,
    })) {
      files.add(chunk!.fileName);
      await writeFile(path.join(folder, chunk!.fileName), chunk!.data, { flag: 'a' });
    }
    async function* chunks() {
      for (const fileName of files) {
        const data = await readFile(path.join(folder, fileName));
        yield { message: { $case: 'chunk' as const, value: { fileName, data } } };
      }
    }
    expect((await callClientStream(platform.orchestrator, 'importCheckpoint', chunks())).name).toBe(name);
    await rm(folder, { recursive: true });
  });
});

describe('a run whose orchestrator is killed', () => {
  it.each([
    ['while it samples', 1, 'sample'],
    ['while it trains', 1, 'train'],
    ['while it evaluates', 2, 'evaluate'],
  ] as const)('%s goes on by itself, and ends like an undisturbed one', async (_, iteration, step) => {
    const before = await trainingJobs();
    const { name } = await createRun();
    for await (const event of callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n })) {
      if (event.iteration === iteration && event.step === step && event.event?.$case === 'stepStarted') break;
    }
    await platform.crashOrchestrator();
    const resumed = await finish(name);
    expect(resumed.error).toBe('');
    expect(resumed.state).toBe(RunState.SUCCEEDED);
    expect(essence(resumed)).toEqual(essence(undisturbed));
    // One for the warm-up and one an iteration: the job that outlived its orchestrator was found again, not repeated.
    expect((await trainingJobs()) - before).toBe(3);
  });
});
