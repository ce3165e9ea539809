import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ArtifactStore, collect, verifyStore } from '../index.ts';
import { parseStoreLocation } from '../location.ts';
import { useServer } from '../testing/backends.ts';
import { startFaultyProxy, type FaultyProxy } from '../testing/faulty-proxy.ts';
import { listAll } from '../testing/folder.ts';
import { TEST_CREDENTIALS } from '../testing/minio.ts';
import { startSmallS3Server } from '../testing/small-s3-server.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const ROWS = Array.from({ length: 3000 }, (_, index) => ({ index, noise: randomBytes(60).toString('hex') }));
const WEIGHTS = randomBytes(300_000);
const writeModel = (folder: string): Promise<void> => writeFile(join(folder, 'weights'), WEIGHTS);

let server: Awaited<ReturnType<typeof startSmallS3Server>>;
let proxy: FaultyProxy;
beforeAll(async () => {
  server = await startSmallS3Server();
  proxy = await startFaultyProxy(server.endpoint);
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});
beforeEach(() => void (proxy.plan = () => undefined));

/** A store behind the proxy, with the patience of a test. */
async function openStore(): Promise<{ store: ArtifactStore; location: string }> {
  const location = await useServer(proxy.endpoint);
  vi.stubEnv('HONE_S3_ATTEMPTS', '3');
  vi.stubEnv('HONE_S3_TIMEOUT_MS', '300');
  return { store: await ArtifactStore.open(location), location };
}

/** What an error tells, all of it. */
async function failure(work: Promise<unknown>): Promise<{ code: string; reason: string; message: string }> {
  return work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as { code: string; reason: string; message: string },
  );
}

describe('a server that fails now and then', () => {
  it.each(['unavailable', 'reset', 'silence'] as const)('%s: everything is stored and read whole', async (fault) => {
    const { store } = await openStore();
    const first = proxy.requests;
    proxy.plan = ({ number }) => ((number - first) % 3 === 0 ? fault : undefined);
    const { digest } = await store.putJsonLines(ROWS);
    expect(await all(store.readJsonLines(digest))).toEqual(ROWS);
    const folder = await store.createFolder(writeModel);
    expect(await store.describeFolder(folder.digest)).toEqual(folder);
    expect((await all(verifyStore(store))).map(({ status }) => status)).toEqual(['SOUND', 'SOUND']);
  });

  it.each([
    ['breaks off', { cutAfterBytes: 50_000 }],
    ['falls silent', { silentAfterBytes: 50_000 }],
  ])('an answer that %s is gone on with where it ended', async (_name, fault) => {
    const { store, location } = await openStore();
    const { digest } = await store.putJsonLines(ROWS);
    const folder = await store.createFolder(writeModel);
    proxy.plan = ({ method }) => (method === 'GET' ? fault : undefined);
    expect(await all(store.readJsonLines(digest))).toEqual(ROWS);
    vi.stubEnv('HONE_CACHE_DIR', `${process.env['HONE_CACHE_DIR']}/another-machine`);
    const path = await (await ArtifactStore.open(location)).openFolder(folder.digest, { verify: true });
    expect((await readFile(join(path, 'weights'))).equals(WEIGHTS)).toBe(true);
  });
});

describe('a server that goes on failing', () => {
  it.each(['unavailable', 'reset', 'silence'] as const)(
    '%s: one error names bucket and key, and nothing is stored',
    async (fault) => {
      const { store, location } = await openStore();
      proxy.plan = ({ method }) => (method === 'PUT' ? fault : undefined);
      const first = proxy.requests;
      const error = await failure(store.putJsonLines(ROWS));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
      expect(error.message).toMatch(
        new RegExp(`^${location}/rows/[0-9a-f]{64}\\.jsonl\\.gz: S3 failed after 3 attempts`),
      );
      expect(proxy.requests - first).toBe(4);
      proxy.plan = () => undefined;
      expect(await all(store.list())).toEqual([]);
      expect((await listAll(process.env['HONE_CACHE_DIR']!)).filter((name) => name.includes('.hone-tmp'))).toEqual([]);
    },
  );

  it('silent while rows are read: the error comes, and no row after it', async () => {
    const { store, location } = await openStore();
    const { digest } = await store.putJsonLines(ROWS);
    proxy.plan = ({ method }) => (method === 'GET' ? 'silence' : undefined);
    const error = await failure(all(store.readJsonLines(digest)));
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(error.message).toContain(`${location}/rows/${digest}.jsonl.gz`);
  });

  it('before the manifest is written, the folder is not there until it is stored again', async () => {
    const { store } = await openStore();
    proxy.plan = ({ method, url }) => (method === 'PUT' && url.includes('MANIFEST') ? 'unavailable' : undefined);
    const error = await failure(store.createFolder(writeModel));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('MANIFEST.json') as string });
    proxy.plan = () => undefined;
    const [left] = await all(store.list());
    expect(left).toMatchObject({ kind: 'folder', complete: false });
    expect(await store.hasFolder(left!.digest)).toBe(false);
    expect((await all(verifyStore(store))).map(({ status }) => status)).toEqual(['UNFINISHED']);
    expect((await store.createFolder(writeModel)).digest).toBe(left!.digest);
    expect((await all(verifyStore(store))).map(({ status }) => status)).toEqual(['SOUND']);
  });

  it('what it leaves of a folder is collected once it is old', async () => {
    const { store } = await openStore();
    proxy.plan = ({ method, url }) => (method === 'PUT' && url.includes('MANIFEST') ? 'unavailable' : undefined);
    await failure(store.createFolder(writeModel));
    proxy.plan = () => undefined;
    const [left] = await all(store.list());
    expect(await store.remove(left!, { olderThan: new Date(0) })).toBe(false);
    expect(await store.remove(left!, { olderThan: new Date(Date.now() + 60_000) })).toBe(true);
    expect(await all(store.list())).toEqual([]);
  });

  it('a download that never ends leaves no folder in the cache', async () => {
    const { store, location } = await openStore();
    const { digest } = await store.createFolder(writeModel);
    const cache = `${process.env['HONE_CACHE_DIR']}/another-machine`;
    vi.stubEnv('HONE_CACHE_DIR', cache);
    const other = await ArtifactStore.open(location);
    proxy.plan = ({ url }) => (url.includes('weights') ? { cutAfterBytes: 0 } : undefined);
    const error = await failure(other.openFolder(digest));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('/weights: ') as string });
    expect((await listAll(cache)).filter((name) => name.includes(digest) || name.includes('.hone-tmp'))).toEqual([]);
  });
});

describe('uploads in parts', () => {
  const large = (folder: string): Promise<void> => writeFile(join(folder, 'weights'), Buffer.alloc(17 << 20, 1));
  const clientOf = () =>
    new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: TEST_CREDENTIALS,
    });
  const pending = async () => (await clientOf().send(new ListMultipartUploadsCommand({ Bucket: 'b' }))).Uploads ?? [];

  it('that fail are given up on the server', async () => {
    const { store } = await openStore();
    proxy.plan = ({ url }) => (url.includes('partNumber=2') ? 'unavailable' : undefined);
    expect(await failure(store.createFolder(large))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await pending()).toEqual([]);
  });

  it('of a writer that was killed are given up by a collection, once they are old', async () => {
    const { store, location } = await openStore();
    const { prefix } = parseStoreLocation(location) as { prefix: string };
    await clientOf().send(new CreateMultipartUploadCommand({ Bucket: 'b', Key: `${prefix}/rows/x` }));
    await all(collect(store, { keep: () => [], minAgeMs: 60_000, dryRun: false }));
    expect(await pending()).toHaveLength(1);
    await store.sweep({ olderThan: new Date(Date.now() + 1000) });
    expect(await pending()).toEqual([]);
  });
});

describe('what a user can mend is told plainly, at once', () => {
  it('a bucket that does not exist', async () => {
    await openStore();
    const store = await ArtifactStore.open('s3://missing/x');
    const first = proxy.requests;
    const error = await failure(store.putJsonLines(ROWS));
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('bucket does not exist') as string,
    });
    expect(proxy.requests - first).toBe(2);
  });

  it.each(['ftp://bucket', 's3://', 's3://UPPER/x', 's3://bucket/../x', 's3://bucket//x', 's3://bucket/a b', ''])(
    'the location "%s"',
    async (location) => {
      expect(await failure(ArtifactStore.open(location))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    },
  );

  it('a wrong endpoint or number of attempts', async () => {
    await openStore();
    vi.stubEnv('HONE_S3_ENDPOINT', 'localhost:9000');
    await expect(ArtifactStore.open('s3://bucket/x')).rejects.toThrow(/HONE_S3_ENDPOINT: must be a URL/);
    vi.stubEnv('HONE_S3_ENDPOINT', proxy.endpoint);
    vi.stubEnv('HONE_S3_ATTEMPTS', 'many');
    await expect(ArtifactStore.open('s3://bucket/x')).rejects.toThrow(/HONE_S3_ATTEMPTS: must be a whole number/);
  });

  it('credentials, which no error shows', async () => {
    await openStore();
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-the-test');
    const store = await ArtifactStore.open('s3://bucket/x');
    proxy.plan = () => 'unavailable';
    const error = await failure(store.putJsonLines(ROWS));
    expect(JSON.stringify([error.message, error, (error as { cause?: unknown }).cause])).not.toContain('a-secret');
  });
});
