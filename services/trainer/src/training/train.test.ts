import { execFileSync } from 'node:child_process';
import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { readCheckpoint } from '@hone/checkpoint';
import {
  checkpointOfNote,
  CheckpointOrigin,
  packFloat32,
  packInt32,
  type Checkpoint,
  type StepMetrics,
} from '@hone/contracts';
import { callServerStream, callUnary } from '@hone/rpc';
import { mergeAdapter, readAdapter } from '@hone/training';
import { expect, test } from 'vitest';
import {
  BOS,
  CONFIG,
  DEMONSTRATION_SPEC,
  EOS,
  PREFERENCE_SPEC,
  TestTrainer,
  type Record,
} from '../testing/test-trainer.ts';

const asText = (promptText: string, completionText: string): Record => ({
  $case: 'example',
  value: { promptText, completionText },
});
const TEXTS = [asText('a b', 'c d'), asText('a c', 'd e'), asText('b b', 'f')];
const asTokens = (prompt: number[], completion: number[]): Record => ({
  $case: 'example',
  value: { promptTokenIds: packInt32(prompt), completionTokenIds: packInt32(completion) },
});
const GROUP: Record = {
  $case: 'group',
  value: {
    problemId: 'p',
    promptTokenIds: packInt32([BOS, 4, 5]),
    completions: [
      [6, 7, EOS],
      [8, EOS],
      [9, 10, 11, EOS],
    ].map((ids) => ({ tokenIds: packInt32(ids) })),
    pairs: [
      { chosen: 0, rejected: 1 },
      { chosen: 0, rejected: 2 },
    ],
  },
};

async function metricsOf(trainer: TestTrainer, operation: string, afterStep = 0): Promise<StepMetrics[]> {
  const steps: StepMetrics[] = [];
  for await (const { metrics } of callServerStream(trainer.client, 'watchTraining', { operation, afterStep })) {
    steps.push(metrics!);
  }
  return steps;
}

/** kill -9 of the one worker process of this test's trainer. */
function killWorker(): void {
  const found = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'trainer/engines/.*/worker.mjs'], {
    encoding: 'utf8',
  });
  process.kill(Number(found.split('\n')[0]), 'SIGKILL');
}

const storedFolders = (trainer: TestTrainer): Promise<string[]> => readdir(path.join(trainer.storeDir, 'folders'));

test('a new model depends on its seed only, and is a complete model folder', async () => {
  const trainer = await TestTrainer.start();
  const [first, again, other] = [
    await trainer.initialize(1n),
    await trainer.initialize(1n),
    await trainer.initialize(2n),
  ];
  expect(first.name).toBe(again.name);
  expect(first.name).not.toBe(other.name);
  expect(first).toMatchObject({ origin: CheckpointOrigin.INITIALIZED, parent: '' });
  const store = await ArtifactStore.open(trainer.storeDir);
  const folder = await store.openFolder(first.name.split('/')[1]!, { verify: true });
  const checkpoint = await readCheckpoint(folder);
  expect(checkpoint.weights.flat.length).toBe(Number(first.parameterCount));
  expect(Object.keys(checkpoint.tokenizerFiles)).toEqual(['tokenizer.json', 'tokenizer_config.json']);
  expect(checkpoint.generationConfig).toMatchObject({ eos_token_id: EOS });
});

test.each([
  [/hidden_size/, { ...CONFIG, hidden_size: undefined }],
  [/vocab_size/, { ...CONFIG, vocab_size: 5 }],
])('a config that makes no model is refused by name: %s', async (message, config) => {
  const trainer = await TestTrainer.start();
  await expect(trainer.initialize(1n, config)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
  expect(await storedFolders(trainer)).toEqual([]);
});

test('labelled completions are trained on by a loss of single completions, texts and token ids alike', async () => {
  const trainer = await TestTrainer.start();
  const start = await trainer.initialize();
  const records: Record[] = [
    { $case: 'example', value: { promptText: 'a b', completionText: 'c d', desirable: true } },
    { $case: 'example', value: { promptText: 'a c', completionText: 'd e', desirable: false } },
    {
      $case: 'example',
      value: { promptTokenIds: packInt32([BOS, 4]), completionTokenIds: packInt32([8, EOS]), desirable: true },
    },
  ];
  const { name: dataset, recordCount, pairCount } = await trainer.upload(records);
  expect([recordCount, pairCount]).toEqual([3, 0]);
  const spec = { ...PREFERENCE_SPEC, loss: { ...PREFERENCE_SPEC.loss, preference: 'kto', nllAlpha: 0 }, maxSteps: 10 };
  const request = { checkpoint: start.name, dataset, spec: { ...spec, batchSize: 3 }, seed: 3n };
  const response = await trainer.finish(await trainer.start(request));
  expect(response.first!.preferenceLoss).toBeCloseTo(0.5, 4);
  expect(response.last!.preferenceLoss).toBeLessThan(0.45);
  expect(response.last!.margin).toBeGreaterThan(0);
  const sigmoid = { ...request, spec: PREFERENCE_SPEC };
  await expect(trainer.start(sigmoid)).rejects.toMatchObject({ violations: [{ field: 'spec.loss.preference' }] });
});

test('completions with advantages are trained on by a loss of tokens, where the start drew them', async () => {
  const trainer = await TestTrainer.start();
  const [start, other] = [await trainer.initialize(), await trainer.initialize(5n)];
  const advantage = (ids: number[], advantage: number): Record => ({
    $case: 'example',
    value: { promptTokenIds: packInt32([BOS, 4]), completionTokenIds: packInt32([...ids, EOS]), advantage },
  });
  const { name: dataset } = await trainer.upload([advantage([6], 1), advantage([7, 8], -0.5), advantage([9], -0.5)]);
  const loss = { version: 1, preference: 'grpo', nllAlpha: 0 };
  const spec = { ...PREFERENCE_SPEC, loss, maxSteps: 10, batchSize: 3 };
  const request = { checkpoint: start.name, dataset, spec, seed: 3n, sampledFrom: start.name };
  const response = await trainer.finish(await trainer.start(request));
  expect(response.first!.preferenceLoss).toBeCloseTo(0, 4);
  expect(response.last!.preferenceLoss).toBeLessThan(-0.01);
  expect(response.last!.chosenLogProb).toBeGreaterThan(response.first!.chosenLogProb);
  // The start is the reference, and drew them: the first step is checked, and how far the policy went is known.
  expect(response.start).toMatchObject({ expectedLoss: expect.closeTo(0, 5), logProbGap: expect.closeTo(0, 5) });
  expect(response.last!.kl).toBeDefined();
  const elsewhere = trainer.start({ ...request, sampledFrom: other.name });
  await expect(elsewhere).rejects.toMatchObject({ violations: [{ field: 'sampled_from' }] });
});

test('training on demonstrations lowers the loss and makes a new checkpoint with its lineage', async () => {
  const trainer = await TestTrainer.start();
  const start = await trainer.initialize();
  const { name: dataset, recordCount } = await trainer.upload(TEXTS);
  expect(recordCount).toBe(3);
  const operation = await trainer.start({ checkpoint: start.name, dataset, spec: DEMONSTRATION_SPEC, seed: 3n });
  const response = await trainer.finish(operation);
  expect(response.steps).toBe(30);
  expect(response.last!.loss).toBeLessThan(response.first!.loss / 2);
  expect(response.usage!.tokens).toBeGreaterThan(0n);
  expect(response.usage!.peakMemoryBytes).toBeGreaterThan(0n);
  expect(response.checkpoint).toMatchObject({ origin: CheckpointOrigin.TRAINED, parent: start.name, dataset });
  expect(JSON.parse(response.checkpoint!.recipeJson)).toMatchObject({ checkpoint: start.name, dataset, seed: '3' });
  const store = await ArtifactStore.open(trainer.storeDir);
  const folder = await store.openFolder(response.checkpoint!.name.split('/')[1]!, { verify: true });
  expect((await readCheckpoint(folder)).weights.flat.every(Number.isFinite)).toBe(true);
  const steps = await metricsOf(trainer, operation.name);
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect((await metricsOf(trainer, operation.name, 28)).map(({ step }) => step)).toEqual([29, 30]);
});

test('word is left of every checkpoint that is made, for the register', async () => {
  const trainer = await TestTrainer.start();
  const first = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const spec = { ...DEMONSTRATION_SPEC, maxSteps: 1 };
  const { checkpoint } = await trainer.train({ checkpoint: first.name, dataset, spec });
  const told: (Checkpoint | undefined)[] = [];
  for await (const { text } of (await ArtifactStore.open(trainer.storeDir)).notes()) told.push(checkpointOfNote(text));
  expect(told).toHaveLength(2);
  expect(told).toContainEqual(first);
  expect(told).toContainEqual(checkpoint);
});

test('text is trained on as exactly one <bos>, the prompt, the completion and <eos>', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const texts = await trainer.upload([asText('a b', ' c d'), asText('<bos> a c', ' d <eos>')]);
  const tokens = await trainer.upload([asTokens([BOS, 4, 5], [6, 7, EOS]), asTokens([BOS, 4, 6], [7, EOS])]);
  const spec = { ...DEMONSTRATION_SPEC, maxSteps: 3 };
  const fromTexts = await trainer.train({ checkpoint, dataset: texts.name, spec });
  const fromTokens = await trainer.train({ checkpoint, dataset: tokens.name, spec });
  expect(fromTexts.checkpoint!.name).toBe(fromTokens.checkpoint!.name);
});

test('training on preferences widens the margin from 0, and the same seed gives the same checkpoint', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset, recordCount, pairCount } = await trainer.upload([GROUP]);
  expect([recordCount, pairCount]).toEqual([1, 2]);
  const request = { checkpoint, dataset, spec: PREFERENCE_SPEC, seed: 1n };
  const operation = await trainer.start(request);
  const first = await trainer.finish(operation);
  const steps = await metricsOf(trainer, operation.name);
  // The reference is the start: before the first update the policy equals it.
  expect(steps[0]!.margin).toBeCloseTo(0, 4);
  expect(steps[0]!.preferenceLoss).toBeCloseTo(Math.log(2), 4);
  expect(first.last!.margin).toBeGreaterThan(0.5);
  expect(first.last!.accuracy).toBe(1);
  expect((await trainer.train(request)).checkpoint!.name).toBe(first.checkpoint!.name);
});

test('pairs of text are trained on as their tokens are', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { pairs } = GROUP!.value as { pairs: object[] };
  const completions = ['c d', 'e', 'f g h'].map((text) => ({ text: ` ${text}` }));
  const text = { $case: 'group', value: { problemId: 'p', promptText: 'a b', completions, pairs } } as Record;
  const spec = { ...PREFERENCE_SPEC, maxSteps: 3 };
  const names = [];
  for (const group of [GROUP, text]) {
    const { name: dataset } = await trainer.upload([group]);
    names.push((await trainer.train({ checkpoint, dataset, spec })).checkpoint!.name);
  }
  expect(names[1]).toBe(names[0]);
});

test('a solution as text among completions of token ids is trained on as its tokens are, its reference log-prob computed', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { completions, ...group } = GROUP!.value as { completions: { tokenIds: Buffer }[] };
  const [, ...sampled] = completions.map(({ tokenIds }, index) => ({ tokenIds, referenceLogProb: -2 * index }));
  const spec = { ...PREFERENCE_SPEC, maxSteps: 3 };
  const made = [];
  for (const solution of [completions[0]!, { text: ' c d', sampleIndex: -1 }]) {
    const value = { ...group, completions: [solution, ...sampled] };
    const { name: dataset } = await trainer.upload([{ $case: 'group', value }]);
    const { checkpoint: trained, first } = await trainer.train({ checkpoint, dataset, spec });
    // The start is the reference: of the solution the reward is 0 at first, and of the others what was stated is taken.
    expect(first!.chosenReward).toBeCloseTo(0, 4);
    expect(Math.abs(first!.rejectedReward)).toBeGreaterThan(0.01);
    made.push(trained!.name);
  }
  expect(made[1]).toBe(made[0]);
});

test('data in its own order is the same for every seed', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const trained = async (seed: bigint, keepOrder: boolean): Promise<string> => {
    const spec = { ...DEMONSTRATION_SPEC, batchSize: 1, maxSteps: 3, keepOrder };
    return (await trainer.train({ checkpoint, dataset, spec, seed })).checkpoint!.name;
  };
  expect(await trained(2n, true)).toBe(await trained(1n, true));
  expect(new Set(await Promise.all([1n, 2n, 3n, 4n].map((seed) => trained(seed, false)))).size).toBeGreaterThan(1);
});

test('an adapter changes the modules that it is for and nothing else', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload([GROUP]);
  const train = (targetModules: string[]) => {
    const lora = { rank: 2, alpha: 4, targetModules };
    return trainer.train({ checkpoint, dataset, spec: { ...PREFERENCE_SPEC, maxSteps: 5, lora } });
  };
  const trained = await train(['q_proj', 'down_proj']);
  const store = await ArtifactStore.open(trainer.storeDir);
  const weightsOf = async (name: string) => (await readCheckpoint(await store.openFolder(name.split('/')[1]!))).weights;
  const [before, after] = [await weightsOf(checkpoint), await weightsOf(trained.checkpoint!.name)];
  const changed = before.specs.filter(({ offset, length }) =>
    before.flat.subarray(offset, offset + length).some((value, index) => value !== after.flat[offset + index]),
  );
  expect(changed.map(({ name }) => name.split('.').at(-2))).toEqual(['q_proj', 'down_proj']);
  const { adapter } = JSON.parse(trained.checkpoint!.recipeJson) as { adapter: string };
  const stored = await readAdapter(await store.openFolder(adapter.slice('adapters/'.length), { verify: true }));
  mergeAdapter(before, stored);
  expect(before.flat).toEqual(after.flat);
  await expect(train(['no_such'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: /q_proj/ });
});

test('chosen completions that get less probable are warned of, or end the job where that is asked for', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  // One token in both, so that pushing the long rejected down pulls the short chosen with it.
  const completions = [3, 12].map((length) => ({ tokenIds: packInt32(new Int32Array(length).fill(5)) }));
  const value = {
    problemId: 'p',
    promptTokenIds: packInt32([BOS, 6]),
    completions,
    pairs: [{ chosen: 0, rejected: 1 }],
  };
  const { name: dataset } = await trainer.upload([{ $case: 'group', value }]);
  const loss = { ...PREFERENCE_SPEC.loss, nllAlpha: 0 };
  const train = (stopWhenChosenFalls: boolean) =>
    trainer.train({ checkpoint, dataset, spec: { ...PREFERENCE_SPEC, loss, maxSteps: 40, stopWhenChosenFalls } });
  expect((await train(false)).warnings.join()).toMatch(/fell from/);
  await expect(train(true)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'CHOSEN_LOG_PROB_FALLS' });
});

test('activations that are computed again give the same checkpoint up to rounding', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload([GROUP]);
  const lossOf = async (recomputeActivations: boolean): Promise<number> => {
    const spec = { ...PREFERENCE_SPEC, maxSteps: 5, recomputeActivations };
    return (await trainer.train({ checkpoint, dataset, spec })).last!.loss;
  };
  expect(await lossOf(true)).toBeCloseTo(await lossOf(false), 5);
});

test('a reference of its own is used where completions come without reference log-probs', async () => {
  const trainer = await TestTrainer.start();
  const [{ name: checkpoint }, { name: referenceCheckpoint }] = [
    await trainer.initialize(1n),
    await trainer.initialize(2n),
  ];
  const { name: dataset } = await trainer.upload([GROUP]);
  const spec = { ...PREFERENCE_SPEC, maxSteps: 1 };
  const { first } = await trainer.train({ checkpoint, referenceCheckpoint, dataset, spec });
  expect(Math.abs(first!.margin)).toBeGreaterThan(1e-3);
});

test('given reference log-probs are taken as they are', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const value = structuredClone(GROUP!.value as { completions: { tokenIds: Buffer; referenceLogProb?: number }[] });
  const given = [-1, -2, -4];
  const completions = value.completions.map(({ tokenIds }, index) => ({
    tokenIds: Buffer.from(tokenIds),
    referenceLogProb: given[index]!,
  }));
  const { name: dataset } = await trainer.upload([{ $case: 'group', value: { ...GROUP!.value, completions } }]);
  const { first } = await trainer.train({ checkpoint, dataset, spec: { ...PREFERENCE_SPEC, maxSteps: 1 } });
  const { chosenReward, rejectedReward, chosenLogProb, rejectedLogProb } = first!;
  expect(chosenReward).toBeCloseTo(0.1 * (chosenLogProb - -1), 4);
  expect(rejectedReward).toBeCloseTo(0.1 * (rejectedLogProb - -3), 4);
});

/** The group with more said of each of its completions. */
function groupWith(more: (tokens: number) => { referenceLogProb?: number; sampledLogProbs?: Buffer }): Record {
  const { completions, ...group } = GROUP!.value as { completions: { tokenIds: Buffer }[] };
  const said = completions.map(({ tokenIds }) => ({ tokenIds, ...more(tokenIds.length / 4) }));
  return { $case: 'group', value: { ...group, completions: said } };
}

test('where the reference is another model than was sampled from, its log-probs are computed in place of those of sampling', async () => {
  const trainer = await TestTrainer.start();
  const [{ name: checkpoint }, { name: referenceCheckpoint }] = [
    await trainer.initialize(1n),
    await trainer.initialize(2n),
  ];
  const spec = { ...PREFERENCE_SPEC, maxSteps: 1 };
  const train = async (record: Record, sampledFrom: string) => {
    const { name: dataset } = await trainer.upload([record]);
    const { first, logProbGap } = await trainer.train({ checkpoint, referenceCheckpoint, sampledFrom, dataset, spec });
    return { margin: first!.margin, logProbGap };
  };
  const without = await train(GROUP, '');
  expect(
    await train(
      groupWith(() => ({ referenceLogProb: -1 })),
      checkpoint,
    ),
  ).toEqual(without);
  const inexact = groupWith((tokens) => ({ sampledLogProbs: packFloat32(Array<number>(tokens).fill(-1)) }));
  expect(await train(inexact, checkpoint)).toEqual(without);
  expect((await train(inexact, referenceCheckpoint)).logProbGap).toBeDefined();
});

test('log-probs of sampling that are not exact are compared with those that are computed, token by token', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const spec = { ...PREFERENCE_SPEC, maxSteps: 1 };
  const gapOf = async (record: Record) => {
    const { name: dataset } = await trainer.upload([record]);
    return (await trainer.train({ checkpoint, sampledFrom: checkpoint, dataset, spec })).logProbGap;
  };
  // Above every log-prob, so that the gaps add up to the difference of the sums.
  const gap = await gapOf(groupWith((tokens) => ({ sampledLogProbs: packFloat32(Array<number>(tokens).fill(0)) })));
  const { name: dataset } = await trainer.upload([GROUP]);
  const { first } = await trainer.train({
    checkpoint,
    dataset,
    spec: { ...spec, loss: { ...spec.loss, nllAlpha: 0 } },
  });
  // Of the chosen one, three tokens, and of two rejected ones, two and four.
  expect(gap).toMatchObject({ tokens: 9n });
  expect(9 * gap!.mean).toBeCloseTo(-first!.chosenLogProb - 2 * first!.rejectedLogProb, 4);
  expect(gap!.p99).toBeLessThanOrEqual(gap!.largest);
  expect(gap!.mean).toBeLessThan(gap!.largest);
  expect(await gapOf(groupWith(() => ({ referenceLogProb: -1 })))).toBeUndefined();
  const wrong = gapOf(groupWith(() => ({ sampledLogProbs: packFloat32([-1]) })));
  await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: /sampled_log_probs/ });
});

test('records that are too long are dropped and counted; where none is left, the job says so', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload([GROUP]);
  const spec = (maxLength: number) => ({ ...PREFERENCE_SPEC, maxSteps: 1, maxLength });
  expect(await trainer.train({ checkpoint, dataset, spec: spec(6) })).toMatchObject({ droppedTooLong: 1 });
  const nothing = trainer.train({ checkpoint, dataset, spec: spec(5) });
  await expect(nothing).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NO_TRAINING_DATA' });
});

test('tokens outside the vocabulary are refused with what to do', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload([asTokens([BOS], [99, EOS])]);
  const refused = trainer.train({ checkpoint, dataset, spec: DEMONSTRATION_SPEC });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field: 'dataset' }] });
});

test('a diverging job fails and stores nothing', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const before = await storedFolders(trainer);
  // Each step multiplies the weights by about a million.
  const spec = { ...DEMONSTRATION_SPEC, maxSteps: 20, optimizer: { learningRate: 1, weightDecay: 1e6 } };
  const diverged = trainer.train({ checkpoint, dataset, spec });
  await expect(diverged).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NON_FINITE_LOSS' });
  expect(await storedFolders(trainer)).toEqual(before);
});

/** Waits until a job has taken so many steps. */
async function untilRunning(trainer: TestTrainer, operation: string, steps = 1): Promise<void> {
  for await (const _ of callServerStream(trainer.client, 'watchTraining', { operation, afterStep: steps - 1 })) return;
}

test('a job is cancelled between steps, stores nothing, and lets the next one run', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const before = await storedFolders(trainer);
  const endless = await trainer.start({ checkpoint, dataset, spec: { ...DEMONSTRATION_SPEC, maxSteps: 1e8 } });
  const next = await trainer.start({ checkpoint, dataset, spec: { ...DEMONSTRATION_SPEC, maxSteps: 1 } });
  await untilRunning(trainer, endless.name);
  await callUnary(trainer.operations, 'cancelOperation', { name: endless.name });
  await expect(trainer.finish(endless)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await storedFolders(trainer)).toEqual(before);
  expect((await trainer.finish(next)).steps).toBe(1);
});

test('the death of the worker process fails its job alone and leaves nothing half-written', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const before = await storedFolders(trainer);
  const endless = await trainer.start({ checkpoint, dataset, spec: { ...DEMONSTRATION_SPEC, maxSteps: 1e8 } });
  await untilRunning(trainer, endless.name);
  killWorker();
  await expect(trainer.finish(endless)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /SIGKILL/ });
  expect(await storedFolders(trainer)).toEqual(before);
  expect((await trainer.train({ checkpoint, dataset, spec: { ...DEMONSTRATION_SPEC, maxSteps: 1 } })).steps).toBe(1);
});

test('a job whose process was killed goes on where it was, and ends with the same weights and metrics', async () => {
  const spec = { ...DEMONSTRATION_SPEC, maxSteps: 200 };
  const undisturbed = await TestTrainer.start();
  const start = async (trainer: TestTrainer) => {
    const { name: checkpoint } = await trainer.initialize();
    const { name: dataset } = await trainer.upload(TEXTS);
    return { checkpoint, dataset, spec, seed: 3n };
  };
  const expected = await undisturbed.train(await start(undisturbed));
  expect(expected.resumedFromStep).toBe(0);

  const trainer = await TestTrainer.start({ stateSeconds: 0 });
  const request = await start(trainer);
  const killed = await trainer.start(request);
  await untilRunning(trainer, killed.name, 20);
  killWorker();
  await expect(trainer.finish(killed)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const resumed = await trainer.start(request);
  const response = await trainer.finish(resumed);
  expect(response.resumedFromStep).toBeGreaterThanOrEqual(19);
  expect(response.checkpoint!.name).toBe(expected.checkpoint!.name);
  expect(response.steps).toBe(expected.steps);
  const losses = (await metricsOf(trainer, resumed.name)).map(({ step, loss }) => [step, loss]);
  expect(losses).toHaveLength(200);
  expect(losses.map(([step]) => step)).toEqual(losses.map((_, index) => index + 1));
  expect(response.last!.loss).toBe(expected.last!.loss);
  // Nothing of the job's state is left.
  expect(await readdir(path.join(trainer.storeDir, 'work', 'training'))).toEqual([]);
});

test('a damaged state is left aside with a warning', async () => {
  const trainer = await TestTrainer.start({ stateSeconds: 0 });
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const request = { checkpoint, dataset, spec: { ...DEMONSTRATION_SPEC, maxSteps: 100 } };
  const killed = await trainer.start(request);
  // The state of step 1 is whole when step 2 is done.
  await untilRunning(trainer, killed.name, 2);
  killWorker();
  await expect(trainer.finish(killed)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const parent = path.join(trainer.storeDir, 'work', 'training');
  const [folder] = await readdir(parent);
  for (const name of await readdir(path.join(parent, folder!))) {
    if (name.startsWith('arrays')) await truncate(path.join(parent, folder!, name), 100);
  }
  const response = await trainer.train(request);
  expect(response.resumedFromStep).toBe(0);
  expect(response.warnings.join()).toMatch(/saved state of this job is left aside: .*arrays-.*digest/);
});

test('the same request id is the same job', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(TEXTS);
  const spec = { ...DEMONSTRATION_SPEC, maxSteps: 1 };
  const request = { requestId: 'c56a4180-65aa-42ec-a945-5fd21dec0538', checkpoint, dataset, spec };
  const [first, second] = [await trainer.start(request), await trainer.start(request)];
  expect(second.name).toBe(first.name);
  await trainer.finish(first);
  expect((await trainer.start({ ...request, requestId: '' })).name).not.toBe(first.name);
  const other = trainer.start({ ...request, seed: 99n });
  await expect(other).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field: 'request_id' }] });
  const noId = trainer.start({ ...request, requestId: 'mine' });
  await expect(noId).rejects.toMatchObject({ violations: [{ field: 'request_id' }] });
});

test('what is known to be wrong is refused before the job is queued', async () => {
  const trainer = await TestTrainer.start();
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload([GROUP]);
  const spec = PREFERENCE_SPEC;
  const missing = 'a'.repeat(64);
  const refusal = (fields: Parameters<TestTrainer['start']>[0]) =>
    trainer.start({ checkpoint, dataset, spec, ...fields }).then(
      () => 'started',
      (error: { code: string; violations: { field: string }[] }) => [error.code, error.violations[0]?.field],
    );
  expect(await refusal({ checkpoint: 'x' })).toEqual(['INVALID_ARGUMENT', 'checkpoint']);
  expect(await refusal({ dataset: 'datasets/../x' })).toEqual(['INVALID_ARGUMENT', 'dataset']);
  expect(await refusal({ referenceCheckpoint: 'x' })).toEqual(['INVALID_ARGUMENT', 'reference_checkpoint']);
  expect(await refusal({ sampledFrom: 'x' })).toEqual(['INVALID_ARGUMENT', 'sampled_from']);
  expect(await refusal({ spec: DEMONSTRATION_SPEC })).toEqual(['INVALID_ARGUMENT', 'spec.loss.preference']);
  expect(await refusal({ checkpoint: `checkpoints/${missing}` })).toEqual(['NOT_FOUND', undefined]);
  expect(await refusal({ dataset: `datasets/${missing}` })).toEqual(['NOT_FOUND', undefined]);
});
