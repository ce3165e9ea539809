import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescriptionServiceService,
  SampleRequest,
  SamplerServiceClient,
  SamplerServiceService,
  ServiceDescription,
  type SampleResponse,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { callServerStream, serverStream, startServer, unary, type RunningServer } from '../index.ts';
import { parsePeer, resolveReplicas } from './addresses.ts';
import { ReplicaSet, type ReplicaSetOptions } from './replica-set.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const unavailable = (): never => {
  throw HoneError.received({ code: 'UNAVAILABLE', reason: 'UNAVAILABLE', message: 'not now' });
};

interface TestSampler {
  readonly server: RunningServer;
  calls: number;
  /** What a call does before and behind its first message. */
  before: () => Promise<void> | void;
  behind: () => Promise<void> | void;
}

/** A sampler of which only its calls matter; without a capacity it does not say what it is. */
async function startSampler(capacity?: number, address = '127.0.0.1:0', role = 'sampler'): Promise<TestSampler> {
  const sample = serverStream(async function* (): AsyncGenerator<SampleResponse> {
    sampler.calls += 1;
    await sampler.before();
    yield { event: { $case: 'prompt', value: { promptId: sampler.server.address, tokenIds: Buffer.alloc(0) } } };
    await sampler.behind();
  });
  const description = ServiceDescription.fromPartial({ role, instance: randomUUID(), capacity: capacity ?? 0 });
  const server = await startServer({
    address,
    services: [
      {
        definition: SamplerServiceService,
        implementation: { sample, computeLogProbs: unary(async () => unavailable()) },
      },
      ...(capacity === undefined
        ? []
        : [{ definition: DescriptionServiceService, implementation: { describe: unary(async () => description) } }]),
    ],
  });
  const sampler: TestSampler = { server, calls: 0, before: () => undefined, behind: () => undefined };
  closing.push(() => server.close(0));
  return sampler;
}

function setOf(samplers: readonly TestSampler[], options: Partial<ReplicaSetOptions> = {}): ReplicaSet {
  const addresses = samplers.map(({ server }) => server.address).join(',');
  const set = new ReplicaSet({ role: 'sampler', addresses, refreshMs: 20, ...options });
  closing.push(() => set.close());
  return set;
}

/** Which server answered a call. */
async function sampleAt(set: ReplicaSet): Promise<string> {
  let at = '';
  const request = SampleRequest.fromPartial({});
  for await (const { event } of set.stream(SamplerServiceClient, (client) =>
    callServerStream(client, 'sample', request),
  ))
    if (event?.$case === 'prompt') at = event.value.promptId;
  return at;
}

/** Lets calls wait until they are let go. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, wait: () => opened };
}

describe('calls', () => {
  test('go to equal replicas in turn, so that load is even', async () => {
    const samplers = [await startSampler(2), await startSampler(2), await startSampler(2)];
    const set = setOf(samplers);
    for (let call = 0; call < 9; call++) await sampleAt(set);
    expect(samplers.map(({ calls }) => calls)).toEqual([3, 3, 3]);
  });

  test('that are under way at once are shared by capacity', async () => {
    const [small, large] = [await startSampler(1), await startSampler(3)];
    const { open, wait } = gate();
    small.before = large.before = wait;
    const set = setOf([small, large]);
    const calls = Array.from({ length: 8 }, () => sampleAt(set));
    await vi.waitFor(() => expect(small.calls + large.calls).toBe(8));
    expect([small.calls, large.calls]).toEqual([2, 6]);
    open();
    await Promise.all(calls);
  });

  test('that fail before their first message go to another replica at once, which alone is used for a while', async () => {
    const [bad, good] = [await startSampler(2), await startSampler(2)];
    bad.before = unavailable;
    const set = setOf([bad, good]);
    for (let call = 0; call < 6; call++) expect(await sampleAt(set)).toBe(good.server.address);
    expect([bad.calls, good.calls]).toEqual([1, 6]);
  });

  test('that fail behind their first message are failed calls, since another replica would begin anew', async () => {
    const [bad, good] = [await startSampler(2), await startSampler(2)];
    bad.behind = unavailable;
    const set = setOf([bad, good]);
    await expect(sampleAt(set)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'not now' });
    expect(await sampleAt(set)).toBe(good.server.address);
    expect(good.calls).toBe(1);
  });

  test('that are wrong, or end their worker, are tried once', async () => {
    const samplers = [await startSampler(2), await startSampler(2)];
    for (const [code, reason] of [
      ['INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
      ['UNAVAILABLE', 'WORKER_ENDED'],
    ] as const) {
      for (const sampler of samplers)
        sampler.before = () => {
          throw HoneError.received({ code, reason, message: 'no' });
        };
      await expect(sampleAt(setOf(samplers))).rejects.toMatchObject({ code, reason });
    }
    expect(samplers[0]!.calls + samplers[1]!.calls).toBe(2);
  });

  test('are repeated a few times where no replica serves, and then say why', async () => {
    const samplers = [await startSampler(2), await startSampler(2)];
    for (const sampler of samplers) sampler.before = unavailable;
    await expect(sampleAt(setOf(samplers))).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'not now' });
    expect(samplers.map(({ calls }) => calls)).toEqual([4, 4]);
  });

  test('find a replica that is started again', async () => {
    const first = await startSampler(2);
    const set = setOf([first]);
    await sampleAt(set);
    await first.server.close(0);
    const call = sampleAt(set);
    await sleep(50);
    await startSampler(2, first.server.address);
    expect(await call).toBe(first.server.address);
  });
});

describe('the capacity of a set', () => {
  test('is the sum of what its replicas describe, and follows them as they come and go', async () => {
    const [one, two] = [await startSampler(2), await startSampler(5)];
    const set = setOf([one, two]);
    const told: number[] = [];
    set.onCapacity((capacity) => told.push(capacity));
    await vi.waitFor(() => expect(set.capacity).toBe(7));
    await two.server.close(0);
    await vi.waitFor(() => expect(set.capacity).toBe(2));
    await startSampler(4, two.server.address);
    await vi.waitFor(() => expect(set.capacity).toBe(6));
    expect(told).toEqual([7, 2, 6]);
  });

  test('counts a replica that does not say what it is as two calls, and is at least one', async () => {
    const silent = await startSampler();
    const set = setOf([silent]);
    await sampleAt(set);
    expect(set.capacity).toBe(2);
    await silent.server.close(0);
    await vi.waitFor(() => expect(set.capacity).toBe(1));
  });

  test('counts one process once, by however many addresses it is named', async () => {
    const one = await startSampler(3);
    const other = `localhost:${one.server.address.split(':')[1]}`;
    const set = setOf([one], { addresses: `${one.server.address},${other}` });
    await sampleAt(set);
    expect(set.capacity).toBe(3);
  });

  test('leaves out a server of another role', async () => {
    const [sampler, trainer] = [await startSampler(2), await startSampler(7, '127.0.0.1:0', 'trainer')];
    const set = setOf([trainer, sampler]);
    await sampleAt(set);
    expect(set.capacity).toBe(2);
  });
});

describe('addresses', () => {
  const machines = (...addresses: string[]) =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const names: Record<string, ReturnType<typeof machines>> = {
    one: machines('10.0.0.9', 'fd00::9'),
    many: machines('10.0.0.2', 'fd00::2', '10.0.0.1', 'fd00::1'),
    six: machines('fd00::2', 'fd00::1'),
  };
  const resolve = async (host: string) => {
    const found = names[host];
    if (!found) throw new Error('ENOTFOUND');
    return found;
  };

  test('that are names for several machines stand for all of them; other names stay as they are', async () => {
    const found = await resolveReplicas(['one:1', 'many:2', 'six:3', 'gone:4', '10.0.0.1:2', '[::1]:5'], resolve);
    expect(found.map(({ address, named }) => `${named} ${address}`)).toEqual(
      [
        'one:1 one:1',
        'many:2 10.0.0.1:2',
        'many:2 10.0.0.2:2',
        'six:3 [fd00::1]:3',
        'six:3 [fd00::2]:3',
        'gone:4 gone:4',
        '[::1]:5 [::1]:5',
      ].map((line) => (line === 'many:2 10.0.0.1:2' ? '10.0.0.1:2 10.0.0.1:2' : line)),
    );
  });

  test('are looked up again now and then', async () => {
    let found = machines('127.0.0.1');
    const set = setOf([], { addresses: 'headless:1', resolve: async () => found });
    await vi.waitFor(() => expect(set.members).toEqual(['headless:1']));
    found = machines('127.0.0.2', '127.0.0.1');
    await vi.waitFor(() => expect(set.members).toEqual(['127.0.0.1:1', '127.0.0.2:1']));
  });

  test.each([
    ['a:1', 'a:1'],
    [' a:1 , b:2,a:1', 'a:1,b:2'],
  ])('of a setting %j are %j', (text, kept) => expect(parsePeer(text, '--sampler')).toBe(kept));

  test.each(['', ' , ', 'a', 'a:1,b', 'unix:/tmp/a', 'a:1,dns:b:2'])('%j are refused by name', (text) => {
    expect(() => parsePeer(text, '--sampler')).toThrow(/^--sampler: must be host:port/);
  });
});
