import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import {
  DESCRIPTOR_SET,
  HealthClient,
  OperationsClient,
  ScorerServiceClient,
  ScorerServiceService,
} from '@hone/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import { callServerStream, callUnary, connect, isServing, listServices, startServer, unary } from '../index.ts';
import { openOperations } from '../testing/operations.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).reverse()) await close();
});

const listScorers = unary(async () => ({ scorers: [], nextPageToken: '' }));
const SCORER = 'hone.scorer.v1.ScorerService';
const OPERATIONS = 'google.longrunning.Operations';

/** A server of two services, of which one needs what `away` says is missing. */
async function serve(away: { readonly problem?: string | undefined }) {
  const check = async (): Promise<void> => {
    if (away.problem !== undefined) throw new Error(away.problem);
  };
  const server = await startServer({
    address: '127.0.0.1:0',
    services: [
      { definition: ScorerServiceService, implementation: { listScorers, score: listScorers } },
      (await openOperations()).service,
    ],
    dependencies: [{ name: 'database', check, neededBy: [SCORER] }],
    readinessMs: 10,
  });
  const health = connect(HealthClient, server.address);
  closers.push(
    () => health.close(),
    () => server.close(50),
  );
  const statusOf = async (service: string) => (await callUnary(health, 'check', { service })).status;
  return { server, health, statusOf };
}

test('health says NOT_SERVING while something is missing, for the services that need it and for the whole', async () => {
  const away: { problem?: string | undefined } = {};
  const { server, health, statusOf } = await serve(away);
  expect([await statusOf(''), await statusOf(SCORER), await statusOf(OPERATIONS)]).toEqual([
    'SERVING',
    'SERVING',
    'SERVING',
  ]);
  away.problem = 'is gone';
  await vi.waitFor(async () => expect(await statusOf('')).toBe('NOT_SERVING'));
  expect([await statusOf(SCORER), await statusOf(OPERATIONS)]).toEqual(['NOT_SERVING', 'SERVING']);
  expect(await isServing(server.address)).toBe(false);
  const { statuses } = await callUnary(health, 'list', {});
  expect(statuses[OPERATIONS]).toEqual({ status: 'SERVING' });
  away.problem = undefined;
  await vi.waitFor(async () => expect(await statusOf('')).toBe('SERVING'));
});

test('a server that starts without what it needs says so from its first moment on', async () => {
  const { statusOf } = await serve({ problem: 'is not there' });
  expect(await statusOf('')).toBe('NOT_SERVING');
});

test('Watch tells the status at once and at every change, and lets its caller go when the server drains', async () => {
  const away: { problem?: string | undefined } = {};
  const { server, health } = await serve(away);
  const seen: string[] = [];
  const watched = (async () => {
    for await (const { status } of callServerStream(health, 'watch', { service: SCORER })) {
      seen.push(status);
      if (seen.length === 1) away.problem = 'is gone';
      if (seen.length === 2) away.problem = undefined;
      if (seen.length === 3) void server.close(60_000);
    }
  })();
  await watched;
  expect(seen).toEqual(['SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING']);
});

test('an unknown service is NOT_FOUND to Check and SERVICE_UNKNOWN to Watch', async () => {
  const { health } = await serve({});
  await expect(callUnary(health, 'check', { service: 'no.Such' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  for await (const { status } of callServerStream(health, 'watch', { service: 'no.Such' })) {
    expect(status).toBe('SERVICE_UNKNOWN');
    break;
  }
});

test('reflection describes all that is served whole: health with its map, and what errors are made of', async () => {
  const { server } = await serve({});
  expect((await listServices(server.address)).sort()).toEqual([OPERATIONS, 'grpc.health.v1.Health', SCORER]);
  // The registry refuses map fields without their entries, types that are not there, and files that are.
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTOR_SET, 'base64')));
  const list = registry.getMessage('grpc.health.v1.HealthListResponse')!;
  expect(list.fields[0]).toMatchObject({ name: 'statuses', fieldKind: 'map' });
  expect(registry.getMessage('google.rpc.BadRequest')).toBeDefined();
  expect(registry.getService('google.longrunning.Operations')).toBeDefined();
  for (const file of registry.files)
    if (file.proto.package.startsWith('hone.'))
      expect(file.proto.options?.goPackage, file.name).toMatch(/^hone\/\w+\/v1;\w+v1$/);
});

test('proxy variables do not come between services', async () => {
  for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy', 'all_proxy']) {
    vi.stubEnv(name, 'http://127.0.0.1:1');
    vi.stubEnv(name.toUpperCase(), 'http://127.0.0.1:1');
  }
  vi.stubEnv('no_proxy', 'elsewhere.example');
  const { server } = await serve({});
  const scorer = connect(ScorerServiceClient, server.address);
  const operations = connect(OperationsClient, `localhost:${server.address.split(':')[1]}`);
  closers.push(
    () => scorer.close(),
    () => operations.close(),
  );
  await callUnary(scorer, 'listScorers', { pageSize: 0, pageToken: '' });
  await callUnary(operations, 'listOperations', {
    name: '',
    filter: '',
    pageSize: 0,
    pageToken: '',
  });
  expect(await isServing(server.address)).toBe(true);
  expect(await listServices(server.address)).toContain(SCORER);
});
