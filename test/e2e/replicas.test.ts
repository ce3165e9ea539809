import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import {
  DescribeRequest,
  DescriptionServiceClient,
  DescriptionServiceService,
  GetRunRequest,
  resultOf,
  RunState,
  SamplerServiceClient,
  SamplerServiceService,
  type Run,
  type RunSpec,
  type SampleRequest,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary, connect, serverStream, startServer, unary } from '@hone/rpc';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, startService, type Platform, type ServiceProcess } from './platform.ts';
import { demonstrations, essence, modelRequest, problems, runSpec } from './sums.ts';

/** A sampler behind a hop that counts its calls; as long as nothing is behind it, nobody listens there. */
class Replica {
  calls = 0;
  /** Told of each call when its first message was passed on. */
  onCall: (calls: number) => void = () => undefined;
  private process: ServiceProcess | undefined;
  private close: () => Promise<void> = async () => undefined;

  private constructor(readonly address: string) {}

  /** At a port of a loopback address of its own, so that no other process is given it while nobody listens there. */
  static async reserve(index: number): Promise<Replica> {
    const host = `127.${1 + (process.pid % 254)}.${(process.pid >> 8) % 256}.${1 + index}`;
    const server = createServer().listen(0, host);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return new Replica(`${host}:${port}`);
  }

  async open(process: ServiceProcess): Promise<void> {
    this.process = process;
    const sampler = connect(SamplerServiceClient, process.address);
    const description = connect(DescriptionServiceClient, process.address);
    const count = (): number => (this.calls += 1);
    const passed = (calls: number): void => this.onCall(calls);
    const sample = serverStream(async function* (request: SampleRequest, { signal }) {
      const calls = count();
      let told = false;
      for await (const message of callServerStream(sampler, 'sample', request, { signal })) {
        yield message;
        if (!told) passed(calls);
        told = true;
      }
    });
    const unused = unary(async () => Promise.reject(new Error('not used')));
    const describe = unary(() => callUnary(description, 'describe', DescribeRequest.fromPartial({})));
    const server = await startServer({
      address: this.address,
      services: [
        { definition: SamplerServiceService, implementation: { sample, computeLogProbs: unused } },
        { definition: DescriptionServiceService, implementation: { describe } },
      ],
    });
    this.close = async () => {
      sampler.close();
      description.close();
      await server.close(0);
    };
  }

  /** As a crash does it: the process is gone, and its connections with it. */
  async kill(): Promise<void> {
    await this.process?.end('SIGKILL');
    await this.close();
  }
}

let platform: Platform;
let flags: readonly string[];
let replicas: readonly [Replica, Replica, Replica];
let trainers: readonly [ServiceProcess, ServiceProcess];
let spec: RunSpec;

async function* messages<Item, Message>(items: Item[], message: (item: Item) => Message): AsyncGenerator<Message> {
  for (const item of items) yield message(item);
}

beforeAll(async () => {
  replicas = [await Replica.reserve(0), await Replica.reserve(1), await Replica.reserve(2)];
  platform = await startPlatform({
    sampler: async (own, given) => {
      flags = given;
      await replicas[0].open(own);
      return replicas.map(({ address }) => address).join(',');
    },
    trainer: async (own, given) => {
      trainers = [own, await startService('trainer', given)];
      return trainers.map(({ address }) => address).join(',');
    },
  });
  const { name: checkpoint } = await callUnary(platform.trainer, 'initializeCheckpoint', modelRequest());
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
  spec = { ...runSpec({ checkpoint, problemSet, dataset }), problemsPerShard: 2 };
  const evaluation = { greedy: true, max_tokens: 6 };
  Object.assign(spec.settings!, { problems_per_iteration: 40, samples_per_problem: 4, evaluation });
}, 120_000);

afterAll(async () => {
  for (const replica of replicas) await replica.kill();
  for (const trainer of trainers) await trainer.end('SIGKILL');
  await platform.stop();
});

async function run(of: RunSpec = spec): Promise<Run> {
  const request = { requestId: '', spec: of, validateOnly: false };
  const { name } = await callUnary(platform.orchestrator, 'createRun', request);
  const events = callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n });
  while (!(await events.next()).done);
  const ended = await callUnary(platform.orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
  expect(ended.error).toBe('');
  expect(ended.state).toBe(RunState.SUCCEEDED);
  return ended;
}

it('samplers behind one name are used evenly, one may be killed and one be added, and the run makes the bytes that one alone makes', async () => {
  const [first, second, third] = replicas;
  const alone = await run();
  expect([first.calls > 0, second.calls, third.calls]).toEqual([true, 0, 0]);

  await second.open(await startService('sampler', flags));
  // It is found within seconds; a run that begins before finds it on its way.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const before = first.calls;
  const evenness: number[] = [];
  const changed = new Promise<void>((resolve, reject) => {
    first.onCall = (calls) => {
      // In the midst of the first iteration's samples, and of a call.
      if (calls !== before + 10) return;
      evenness.push(first.calls - before, second.calls);
      const change = async (): Promise<void> => {
        await first.kill();
        await third.open(await startService('sampler', flags));
      };
      change().then(resolve, reject);
    };
  });
  const together = await run();
  await changed;
  expect(Math.abs(evenness[0]! - evenness[1]!)).toBeLessThanOrEqual(2);
  expect(third.calls).toBeGreaterThan(0);
  expect(essence(together)).toBe(essence(alone));
}, 300_000);

it('log-probs of 8-bit sampling are a little off, and the report says by how much; those of full precision are exact', async () => {
  const settings = { ...spec.settings, iterations: 1 };
  const gapOf = async (weights: string) => {
    const sampling = { temperature: 1, max_tokens: 6, weights };
    const { iterations } = await run({ ...spec, settings: { ...settings, sampling } });
    expect(resultOf(iterations[1]!, 'build')!.report!.inexactLogProbs > 0).toBe(weights === 'int8');
    return resultOf(iterations[1]!, 'train')!.logProbGap;
  };
  expect(await gapOf('fp32')).toBeUndefined();
  const { mean, p99, largest, tokens } = (await gapOf('int8'))!;
  expect(tokens).toBeGreaterThan(0n);
  expect(mean).toBeGreaterThan(0);
  expect(mean).toBeLessThan(0.2);
  expect([mean, p99, largest].toSorted((one, other) => one - other)).toEqual([mean, p99, largest]);
}, 300_000);

/** Whether a service computes just now. */
const computes = ({ pid }: ServiceProcess): boolean => {
  const children = `/proc/${pid}/task/${pid}/children`;
  return existsSync(children) && readFileSync(children, 'utf8').trim() !== '';
};

it('of two trainers that share a store, one is killed in mid-training: the other goes on with its operation', async () => {
  const short = { ...spec, settings: { ...spec.settings, iterations: 1 } };
  const undisturbed = await run(short);
  const { name } = await callUnary(platform.orchestrator, 'createRun', {
    ...{ requestId: '', validateOnly: false },
    spec: short,
  });
  let killed: ServiceProcess | undefined;
  for await (const { event } of callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n })) {
    if (event?.$case !== 'progress' || event.value.unit !== 'steps' || killed) continue;
    killed = trainers.find(computes);
    await killed?.end('SIGKILL');
  }
  expect(killed).toBeDefined();
  const ended = await callUnary(platform.orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
  expect(ended.error).toBe('');
  expect(essence(ended)).toBe(essence(undisturbed));
}, 300_000);
