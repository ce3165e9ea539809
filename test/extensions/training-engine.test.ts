/** The example of a training engine that is not Hone's, chosen by name for a trainer, which is asked as any trainer is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { readCheckpoint, weightView } from '@hone/checkpoint';
import {
  digestOfName,
  nameOfDigest,
  OperationsClient,
  packInt32,
  PreferenceGroup,
  TrainerServiceClient,
  TrainRequest,
  TrainResponse,
  type PartialMessage,
  type StepMetrics,
  type TrainingSpec,
} from '@hone/contracts';
import { awaitOperation, callServerStream, callUnary, connect } from '@hone/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildServices, startService, type ServiceProcess } from '../e2e/platform.ts';
import { modelRequest } from '../e2e/sums.ts';

const ENGINES = path.join(import.meta.dirname, '../../examples/extensions/training-engine');
const HEAD = 'lm_head.weight';

let folder: string;
let trainer: ServiceProcess;
let client: TrainerServiceClient;
let operations: OperationsClient;
let store: ArtifactStore;
let checkpoint: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-engine-'));
  await buildServices();
  store = await ArtifactStore.open(path.join(folder, 'store'));
  const flags = ['--store', path.join(folder, 'store'), '--engines', ENGINES, '--engine', 'bigram'];
  trainer = await startService('trainer', flags);
  client = connect(TrainerServiceClient, trainer.address);
  operations = connect(OperationsClient, trainer.address);
  ({ name: checkpoint } = await callUnary(client, 'initializeCheckpoint', modelRequest()));
}, 120_000);
afterAll(async () => {
  client.close();
  operations.close();
  expect(await trainer.end('SIGTERM')).toBe(0);
  await rm(folder, { recursive: true });
});

/** Of two texts, the second with two tokens to the first's one, the NLL counts each text the same. */
const TEXTS = [
  { prompt: [1, 5], chosen: [6], rejected: [7] },
  { prompt: [1, 8], chosen: [9, 6], rejected: [5] },
];

async function dataset(): Promise<string> {
  const rows = TEXTS.map(({ prompt, chosen, rejected }, at) =>
    PreferenceGroup.toJSON(
      PreferenceGroup.fromPartial({
        ...{ problemId: String(at), promptTokenIds: packInt32(prompt), pairs: [{ chosen: 0, rejected: 1 }] },
        completions: [chosen, rejected].map((ids) => ({ tokenIds: packInt32(ids) })),
      }),
    ),
  );
  return nameOfDigest('datasets', (await store.putJsonLines(rows as object[])).digest);
}

const SPEC = {
  loss: { version: 1, preference: 'none', nllAlpha: 1 },
  optimizer: { learningRate: 0.01 },
  ...{ epochs: 1, maxSteps: 20, batchSize: 2 },
} as const;

async function train(
  spec: PartialMessage<TrainingSpec> = SPEC,
): Promise<{ made: TrainResponse; steps: StepMetrics[] }> {
  const request = TrainRequest.fromPartial({ checkpoint, dataset: await dataset(), spec, seed: 1n });
  const operation = await callUnary(client, 'train', request);
  const steps: StepMetrics[] = [];
  const asked = { operation: operation.name, afterStep: 0 };
  // What becomes of the job is told by the operation.
  const ignore = (): void => undefined;
  const watched = (async () => {
    for await (const { metrics } of callServerStream(client, 'watchTraining', asked)) if (metrics) steps.push(metrics);
  })().catch(ignore);
  const made = await awaitOperation({ client: operations, operation, response: TrainResponse, pollMs: 20 });
  await watched;
  return { made, steps };
}

interface Head {
  readonly embedding: Float32Array;
  readonly head: Float32Array;
  readonly hidden: number;
}

async function headOf(name: string): Promise<Head> {
  const stored = await store.openFolder(digestOfName('checkpoints', name, 'checkpoint'));
  const { weights, config } = await readCheckpoint(stored);
  const [embedding, head] = [weightView(weights, 'model.embed_tokens.weight'), weightView(weights, HEAD)];
  return { embedding, head, hidden: config.hiddenSize };
}

/** The loss by its definition. */
function nllOf({ embedding, head, hidden }: Head): number {
  const logProb = (previous: number, token: number): number => {
    const logits = Array.from({ length: head.length / hidden }, (_, row) => {
      let sum = 0;
      for (let at = 0; at < hidden; at++) sum += embedding[previous * hidden + at]! * head[row * hidden + at]!;
      return sum;
    });
    return logits[token]! - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  };
  return -(logProb(5, 6) + (logProb(8, 9) + logProb(9, 6)) / 2) / 2;
}

test('a job trains by its loss, and changes nothing but the head', async () => {
  const { made, steps } = await train();
  const [before, after] = [await headOf(checkpoint), await headOf(made.checkpoint!.name)];
  expect(steps).toHaveLength(20);
  expect(steps[0]!.loss).toBeCloseTo(nllOf(before), 6);
  expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss);
  expect(nllOf(after)).toBeLessThan(steps.at(-1)!.loss);
  expect(after.embedding).toEqual(before.embedding);
  expect(JSON.parse(made.checkpoint!.recipeJson)).toMatchObject({ engine: { name: 'bigram', version: '1' } });
});

test('the same job gives the same checkpoint', async () => {
  const [one, other] = [await train(), await train()];
  expect(other.made.checkpoint!.name).toBe(one.made.checkpoint!.name);
});

test('texts that are too long are dropped and counted', async () => {
  const { made } = await train({ ...SPEC, maxLength: 3 });
  expect(made.droppedTooLong).toBe(1);
});

test.each([
  ['spec.loss.preference', { ...SPEC, loss: { ...SPEC.loss, preference: 'sigmoid' } }],
  ['spec.batch_size', { ...SPEC, batchSize: 1 }],
  ['spec.optimizer.warmup_steps', { ...SPEC, optimizer: { learningRate: 0.01, warmupSteps: 2 } }],
  ['spec.lora', { ...SPEC, lora: { rank: 2, alpha: 2 } }],
])('what the engine does not have is refused: %s', async (field, spec) => {
  await expect(train(spec)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(new RegExp(`${field}.*the engine bigram`, 's')),
  });
});
