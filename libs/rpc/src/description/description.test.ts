import { afterEach, expect, test } from 'vitest';
import {
  describeService,
  descriptionOf,
  descriptionService,
  isServing,
  startServer,
  type Dependency,
} from '../index.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const ENGINE = {
  ...{ name: 'onnxruntime', version: '1.30.0', device: 'cpu', deviceName: '' },
  ...{ precision: 'float32', precisions: ['float32', 'int8'], capabilities: ['log-probs'] },
};

async function serve(dependencies: readonly Dependency[] = []): Promise<string> {
  const services = [descriptionService(descriptionOf('sampler', { capacity: 2, engine: ENGINE }))];
  const server = await startServer({ address: '127.0.0.1:0', services, dependencies });
  closers.push(() => server.close(50));
  return server.address;
}

test('a service says its role, its version, what it takes at once, and what computes', async () => {
  expect(await describeService(await serve())).toEqual({
    ...{ role: 'sampler', version: 'unbuilt', instance: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ...{ capacity: 2, engine: ENGINE },
  });
});

test('a service keeps its instance, and another has another', async () => {
  const [first, second] = [await serve(), await serve()];
  const { instance } = await describeService(first);
  expect((await describeService(first)).instance).toBe(instance);
  expect((await describeService(second)).instance).not.toBe(instance);
});

test('a service that is not ready describes itself all the same', async () => {
  const missing = { name: 'store', check: () => Promise.reject(new Error('is gone')) };
  const address = await serve([missing]);
  expect(await isServing(address)).toBe(false);
  expect((await describeService(address)).role).toBe('sampler');
});

test('a server that is not there is UNAVAILABLE', async () => {
  await expect(describeService('127.0.0.1:1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
