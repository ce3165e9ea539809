/** Operations of trainer and evaluator whose processes are killed in their midst: found again by name, in their true state. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  EvaluatorServiceClient,
  messageOf,
  Operation,
  OperationsClient,
  TrainerServiceClient,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
} from '@hone/contracts';
import { ArtifactStore } from '@hone/artifacts';
import { uploadDataset, uploadProblemSet } from '@hone/datasets';
import { awaitOperation, callUnary, connect } from '@hone/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildServices, startService, type ServiceProcess } from './platform.ts';
import { demonstrations, modelRequest, problems } from './sums.ts';

let folder: string;
const started: ServiceProcess[] = [];
const clients: { close(): void }[] = [];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-operations-'));
  await buildServices();
});
afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all(started.map((service) => service.end('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

async function start(role: 'sampler' | 'scorer' | 'trainer' | 'evaluator', flags: readonly string[]) {
  const service = await startService(role, flags);
  started.push(service);
  return service;
}

function client<Client extends { close(): void }>(type: new (...given: never[]) => Client, address: string): Client {
  const made = connect(type as never, address) as unknown as Client;
  clients.push(made);
  return made;
}

const getFrom = async (address: string, name: string): Promise<Operation> =>
  callUnary(client(OperationsClient, address), 'getOperation', { name });

/** How far an operation is, as its metadata say. */
const trained = ({ metadata }: Operation): number => (metadata ? TrainMetadata.decode(metadata.value).step : 0);
const judged = ({ metadata }: Operation): number => (metadata ? EvaluateMetadata.decode(metadata.value).done : 0);

/** Waits until an operation is so far, and says how far it is. */
async function until(address: string, name: string, reached: (operation: Operation) => number, least: number) {
  const operations = client(OperationsClient, address);
  for (;;) {
    const operation = await callUnary(operations, 'getOperation', { name });
    if (operation.done) throw new Error(`${name} was done before it was killed`);
    if (reached(operation) >= least) return reached(operation);
    await delay(5);
  }
}

/** How far the record of an operation says that it is. */
function recorded(store: string, role: string, name: string, reached: (operation: Operation) => number): number {
  const file = path.join(store, 'work/operations', role, `${name.split('/')[1]}.json`);
  const record = JSON.parse(readFileSync(file, 'utf8')) as { operation: object };
  return reached(Operation.fromJSON(record.operation));
}

/** What a test kills. */
interface Victim {
  readonly role: 'trainer' | 'evaluator';
  readonly store: string;
  readonly flags: readonly string[];
  readonly reached: (operation: Operation) => number;
}

/** Kills the process that works on an operation, twice, and looks at what its successors say of it. */
async function killTwice(
  { role, store, flags, reached }: Victim,
  first: ServiceProcess,
  name: string,
  steps: readonly [number, number],
): Promise<ServiceProcess> {
  let service = first;
  let known = 0;
  for (const least of steps) {
    await until(service.address, name, reached, least);
    while (recorded(store, role, name, reached) < least) await delay(20);
    await service.end('SIGKILL');
    known = Math.max(known, recorded(store, role, name, reached));
    service = await start(role, flags);
    const found = await getFrom(service.address, name);
    expect(found).toMatchObject({ name, done: false });
    expect(reached(found)).toBeGreaterThanOrEqual(known);
  }
  return service;
}

const { signal } = new AbortController();
const ID = 'a1b2c3d4-0000-4000-8000-00000000000';

test('a training job whose trainer is killed is found by name, never falls back, and makes the same checkpoint', async () => {
  const store = path.join(folder, 'training');
  const flags = ['--store', store, '--threads', '1'];
  const first = await start('trainer', flags);
  const trainer = client(TrainerServiceClient, first.address);
  const { name: checkpoint } = await callUnary(trainer, 'initializeCheckpoint', modelRequest());
  const artifacts = await ArtifactStore.open(store);
  const records = (async function* () {
    for (const value of demonstrations()) yield { record: { $case: 'example' as const, value } };
  })();
  const { name: dataset } = await uploadDataset(artifacts, records, { signal });
  const spec = { loss: { version: 1 }, optimizer: { learningRate: 0.003 }, batchSize: 25, maxSteps: 1_500 };
  const request = (requestId: string, seed = 1n): TrainRequest =>
    messageOf(TrainRequest, { requestId, checkpoint, dataset, spec, seed });
  const { name } = await callUnary(trainer, 'train', request(`${ID}1`));

  const last = await killTwice({ role: 'trainer', store, flags, reached: trained }, first, name, [20, 60]);
  const again = client(TrainerServiceClient, last.address);
  expect((await callUnary(again, 'train', request(`${ID}1`))).name).toBe(name);
  await expect(callUnary(again, 'train', request(`${ID}1`, 2n))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  const operations = client(OperationsClient, last.address);
  const found = await getFrom(last.address, name);
  const response = await awaitOperation({ client: operations, operation: found, response: TrainResponse, pollMs: 50 });
  expect(response.steps).toBe(1_500);

  const undisturbed = await callUnary(again, 'train', request(`${ID}2`));
  const expected = await awaitOperation({ client: operations, operation: undisturbed, response: TrainResponse });
  expect(response.checkpoint!.name).toBe(expected.checkpoint!.name);
  expect(response.last!.loss).toBe(expected.last!.loss);
  await last.end('SIGKILL');
  const after = await getFrom((await start('trainer', flags)).address, name);
  expect(after.done && after.result?.$case === 'response').toBe(true);
}, 300_000);

test('an evaluation whose evaluator is killed is found by name, never falls back, and has the same result', async () => {
  const store = path.join(folder, 'evaluation');
  const common = ['--store', store, '--threads', '1'];
  const [sampler, scorer, trainer] = [
    await start('sampler', common),
    await start('scorer', common),
    await start('trainer', common),
  ];
  const flags = [...common, '--sampler', sampler.address, '--scorer', scorer.address];
  const first = await start('evaluator', flags);
  const evaluator = client(EvaluatorServiceClient, first.address);
  const model = client(TrainerServiceClient, trainer.address);
  const { name: checkpoint } = await callUnary(model, 'initializeCheckpoint', modelRequest());
  const artifacts = await ArtifactStore.open(store);
  const uploads = (async function* () {
    for (const problem of problems()) yield { problem };
  })();
  const { name: problemSet } = await uploadProblemSet(artifacts, uploads, { signal });
  const majority = { k: 4, samples: 40, sampling: { temperature: 1, topP: 1 } };
  const spec = { greedy: true, maxTokens: 24, majority };
  const request = (requestId: string, seed = 5n): EvaluateRequest =>
    messageOf(EvaluateRequest, { requestId, checkpoint, problemSet, scorer: { name: 'gsm8k' }, spec, seed });
  const { name } = await callUnary(evaluator, 'evaluate', request(`${ID}3`));

  const last = await killTwice({ role: 'evaluator', store, flags, reached: judged }, first, name, [200, 700]);
  const again = client(EvaluatorServiceClient, last.address);
  expect((await callUnary(again, 'evaluate', request(`${ID}3`))).name).toBe(name);
  await expect(callUnary(again, 'evaluate', request(`${ID}3`, 6n))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  const operations = client(OperationsClient, last.address);
  const found = await getFrom(last.address, name);
  const types = { client: operations, response: Evaluation, pollMs: 50 };
  const evaluation = await awaitOperation({ ...types, operation: found });
  const undisturbed = await callUnary(again, 'evaluate', request(`${ID}4`));
  const expected = await awaitOperation({ ...types, operation: undisturbed });
  expect({ ...evaluation, usage: undefined }).toEqual({ ...expected, usage: undefined });
}, 300_000);
