/** Runs whose store is a bucket, on a server that fails and is slow now and then. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startFaultyProxy, type FaultyProxy } from '@hone/artifacts/testing/faulty-proxy';
import { startSmallS3Server } from '@hone/artifacts/testing/small-s3-server';
import { artifactsOf, ResumeRunRequest, RunState, type Run, type RunSpec } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

const made = ({ iterations }: Run) =>
  iterations.map((iteration) => ({ checkpoint: iteration.checkpoint, artifacts: artifactsOf(iteration) }));
const inShards = (it: RunSpec): void => {
  settingsOf(it)['iterations'] = 1;
  it.problemsPerShard = 5;
};

async function ended(platform: TestPlatform): Promise<Run> {
  const { name } = await platform.createRun(inShards);
  await platform.watch(name);
  return platform.getRun(name);
}

let cache: string;
let server: Awaited<ReturnType<typeof startSmallS3Server>>;
let proxy: FaultyProxy;
let onDisk: TestPlatform;
let platform: TestPlatform;
let undisturbed: Run;
beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'hone-s3-cache-'));
  server = await startSmallS3Server();
  proxy = await startFaultyProxy(server.endpoint);
  onDisk = await startPlatform();
  undisturbed = await ended(onDisk);
  await onDisk.close();
  vi.stubEnv('HONE_S3_ENDPOINT', proxy.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('HONE_CACHE_DIR', cache);
  platform = await startPlatform({ storeLocation: 's3://bucket/hone' });
}, 60_000);
afterEach(() => {
  proxy.plan = () => undefined;
});
afterAll(async () => {
  await platform.close();
  vi.unstubAllEnvs();
  await proxy.stop();
  await server.stop();
  await rm(cache, { recursive: true, force: true });
});

it('ends as on a disk, though every fifth request fails or is cut off', async () => {
  expect(undisturbed.error).toBe('');
  proxy.requests = 0;
  const faults = ['unavailable', 'reset', { cutAfterBytes: 20 }] as const;
  proxy.plan = ({ number }) => (number % 5 === 4 ? faults[Math.floor(number / 5) % faults.length] : undefined);
  const run = await ended(platform);
  expect(run.error).toBe('');
  expect(made(run)).toEqual(made(undisturbed));
  expect(proxy.requests).toBeGreaterThan(10);
});

it('says which object it was when the server fails for good, and goes on when it is back', async () => {
  platform.hooks.before = async (call) => {
    if (call === 'score') proxy.plan = () => 'unavailable';
  };
  const failed = await ended(platform);
  platform.hooks.before = async () => undefined;
  proxy.plan = () => undefined;
  expect(failed.state).toBe(RunState.FAILED);
  expect(failed.error).toMatch(/iteration 1, score: .*s3:\/\/bucket\/hone\/rows\/[0-9a-f]{64}.*UNAVAILABLE/);
  const request = ResumeRunRequest.fromPartial({ name: failed.name });
  const { lastEvent } = await callUnary(platform.client, 'resumeRun', request);
  await platform.watch(failed.name, lastEvent);
  const run = await platform.getRun(failed.name);
  expect(run.error).toBe('');
  expect(made(run)).toEqual(made(undisturbed));
});
