/** Large sets through the services, with a model of a few thousand weights: time grows with the set, memory does not. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  messageOf,
  OperationsClient,
  packInt32,
  SampleRequest,
  SamplerServiceClient,
  TrainerServiceClient,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  UploadDatasetRequest,
  type ResourceUsage,
} from '@hone/contracts';
import { ArtifactStore } from '@hone/artifacts';
import { uploadDataset } from '@hone/datasets';
import { awaitOperation, callServerStream, callUnary, connect } from '@hone/rpc';
import { startService } from '../e2e/platform.ts';
import { modelRequest } from '../e2e/sums.ts';

const PROMPTS_A_CALL = 500;
/** Of the model's vocabulary, none of them special. */
const tokens = (count: number, salt: number): Buffer =>
  packInt32(Array.from({ length: count }, (_, i) => 3 + ((i * 7 + salt * 13) % 16)));

/** A service's peak resident memory in bytes, where the system tells. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

/** A trainer and a sampler of their own, and an untrained model. */
async function withServices<Result>(work: (services: Services) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-bench-'));
  const flags = ['--store', path.join(folder, 'store')];
  const [sampler, trainer] = await Promise.all([startService('sampler', flags), startService('trainer', flags)]);
  const clients = {
    sampler: connect(SamplerServiceClient, sampler.address),
    trainer: connect(TrainerServiceClient, trainer.address),
    operations: connect(OperationsClient, trainer.address),
  };
  try {
    const { name } = await callUnary(clients.trainer, 'initializeCheckpoint', modelRequest());
    const store = await ArtifactStore.open(path.join(folder, 'store'));
    return await work({ ...clients, store, checkpoint: name, samplerPid: sampler.pid, trainerPid: trainer.pid });
  } finally {
    for (const client of Object.values(clients)) client.close();
    await Promise.all([sampler.end('SIGTERM'), trainer.end('SIGTERM')]);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Services {
  readonly store: ArtifactStore;
  readonly sampler: SamplerServiceClient;
  readonly trainer: TrainerServiceClient;
  readonly operations: OperationsClient;
  readonly checkpoint: string;
  readonly samplerPid: number;
  readonly trainerPid: number;
}

interface Passed {
  readonly seconds: number;
  /** Peak memory of the process that computes, and of the service. */
  readonly worker: number;
  readonly service: number;
}

async function sample({ sampler, checkpoint, samplerPid }: Services, prompts: number): Promise<Passed> {
  const started = performance.now();
  let usage: ResourceUsage | undefined;
  for (let first = 0; first < prompts; first += PROMPTS_A_CALL) {
    const request = messageOf(SampleRequest, {
      checkpoint,
      prompts: Array.from({ length: Math.min(PROMPTS_A_CALL, prompts - first) }, (_, i) => ({
        id: `${first + i}`,
        content: { $case: 'tokenIds', value: tokens(8, first + i) },
      })),
      n: 4,
      sampling: { temperature: 1, topP: 1, maxTokens: 16, ignoreEos: true },
      seed: 1n,
    });
    for await (const { event } of callServerStream(sampler, 'sample', request))
      if (event?.$case === 'summary') usage = event.value.usage;
  }
  const seconds = (performance.now() - started) / 1000;
  return { seconds, worker: Number(usage?.peakMemoryBytes ?? 0), service: await peakOf(samplerPid) };
}

async function train({ store, trainer, operations, checkpoint, trainerPid }: Services, pairs: number): Promise<Passed> {
  const started = performance.now();
  async function* records(): AsyncGenerator<UploadDatasetRequest> {
    for (let pair = 0; pair < pairs; pair++) {
      const completions = [0, 1].map((c) => ({ tokenIds: tokens(8 + (pair % 5), 2 * pair + c) }));
      const group = { problemId: `${pair}`, promptTokenIds: tokens(8, pair), completions };
      const value = { ...group, pairs: [{ chosen: 0, rejected: 1 }] };
      yield messageOf(UploadDatasetRequest, { record: { $case: 'group', value } });
    }
  }
  const dataset = await uploadDataset(store, records(), { signal: new AbortController().signal });
  const spec = {
    loss: { version: 1, preference: 'sigmoid', settings: { beta: 0.1 }, nllAlpha: 1 },
    optimizer: { learningRate: 1e-6, maxGradNorm: 1 },
    epochs: 1,
    batchSize: 64,
  };
  const request = messageOf(TrainRequest, { checkpoint, dataset: dataset.name, spec, seed: 1n });
  const operation = await callUnary(trainer, 'train', request);
  const types = { response: TrainResponse, metadata: TrainMetadata };
  const { usage } = await awaitOperation({ client: operations, operation, ...types });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, worker: Number(usage?.peakMemoryBytes ?? 0), service: await peakOf(trainerPid) };
}

const STREAMS = [
  { name: 'stream of prompts', unit: 'prompts', work: sample, sizes: [1_000, 10_000] },
  { name: 'stream of pairs', unit: 'pairs', work: train, sizes: [1_000, 10_000, 100_000] },
] as const;

/** Prints time and memory by size for those streams that are wanted. */
export async function benchStreams(isWanted: (name: string) => boolean): Promise<void> {
  for (const { name, unit, work, sizes } of STREAMS) {
    if (!isWanted(name)) continue;
    console.log(`\n${name}:`);
    for (const size of sizes) {
      const { seconds, worker, service } = await withServices((services) => work(services, size));
      const [own, around] = [worker, service].map((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`);
      const time = `${seconds.toFixed(1)} s, ${((1000 * seconds) / size).toFixed(2)} ms each`;
      console.log(`  ${size} ${unit}: ${time}; peak memory of the worker ${own}, of the service ${around}`);
    }
  }
}
