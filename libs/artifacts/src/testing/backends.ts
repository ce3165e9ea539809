/** The kinds of store that the same tests run on. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { onTestFinished, vi } from 'vitest';
import { ArtifactStore } from '../index.ts';
import { temporaryFolder } from './folder.ts';
import { findMinio, startMinio, TEST_CREDENTIALS } from './minio.ts';
import { startSmallS3Server } from './small-s3-server.ts';

/** A store, and a way around it to what it keeps, by paths as `rows/<digest>.jsonl.gz`. */
export interface TestStore {
  readonly store: ArtifactStore;
  readonly location: string;
  names(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
  write(name: string, content: Uint8Array | string): Promise<void>;
  remove(name: string): Promise<void>;
  /** What errors call it. */
  nameOf(name: string): string;
}

/** A kind of store. */
export interface Backend {
  readonly name: string;
  /** Why its tests cannot run here; empty else. */
  readonly missing: string;
  /** Called once before the tests; gives what ends it. */
  start(): Promise<() => Promise<void>>;
  open(): Promise<TestStore>;
}

/** Changes a byte in the middle. */
export async function flipByte(target: TestStore, name: string): Promise<void> {
  const bytes = await target.read(name);
  bytes[bytes.length >> 1]! ^= 1;
  await target.write(name, bytes);
}

const directory: Backend = {
  name: 'a directory',
  missing: '',
  start: async () => async () => {},
  async open() {
    const location = join(await temporaryFolder(), 'store');
    const at = (name: string): string => join(location, name);
    return {
      store: await ArtifactStore.open(location),
      location,
      names: async () => {
        const entries = await readdir(location, { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => entry.isFile());
        return files.map((entry) => join(entry.parentPath, entry.name).slice(location.length + 1)).sort();
      },
      read: (name) => readFile(at(name)),
      write: (name, content) => writeFile(at(name), content),
      remove: (name) => rm(at(name)),
      nameOf: at,
    };
  },
};

const BUCKET = 'hone-test';

function s3Backend(
  name: string,
  missing: string,
  startServer: () => Promise<{ endpoint: string; stop: () => Promise<void> }>,
): Backend {
  let endpoint = '';
  let client: S3Client;
  return {
    name,
    missing,
    async start() {
      const server = await startServer();
      ({ endpoint } = server);
      client = clientOf(endpoint);
      await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
      return server.stop;
    },
    async open() {
      const location = await useServer(endpoint);
      return { ...around(client, location), location, store: await ArtifactStore.open(location) };
    },
  };
}

/** Points the environment at a server until the test ends, with a cache of its own; gives a location that is empty. */
export async function useServer(endpoint: string): Promise<string> {
  vi.stubEnv('HONE_S3_ENDPOINT', endpoint);
  vi.stubEnv('HONE_CACHE_DIR', await temporaryFolder());
  vi.stubEnv('AWS_ACCESS_KEY_ID', TEST_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', TEST_CREDENTIALS.secretAccessKey);
  onTestFinished(() => void vi.unstubAllEnvs());
  return `s3://${BUCKET}/${randomBytes(6).toString('hex')}`;
}

function clientOf(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: TEST_CREDENTIALS });
}

/** The way around a store to its objects. */
function around(client: S3Client, location: string): Omit<TestStore, 'store' | 'location'> {
  const prefix = `${location.slice(`s3://${BUCKET}/`.length)}/`;
  const at = (name: string): { Bucket: string; Key: string } => ({ Bucket: BUCKET, Key: prefix + name });
  return {
    async names() {
      const names: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket: BUCKET, Prefix: prefix })) {
        names.push(...(page.Contents ?? []).map(({ Key }) => Key!.slice(prefix.length)));
      }
      return names;
    },
    async read(name) {
      const { Body } = await client.send(new GetObjectCommand(at(name)));
      return Buffer.from(await Body!.transformToByteArray());
    },
    async write(name, content) {
      await client.send(new PutObjectCommand({ ...at(name), Body: content }));
    },
    async remove(name) {
      await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: prefix + name }] } }));
    },
    nameOf: (name) => `${location}/${name}`,
  };
}

const minio = findMinio();

/** A directory, a small server of S3 within the test, and MinIO where there is one. */
export const BACKENDS: readonly Backend[] = [
  directory,
  s3Backend('a bucket of the small S3 server', '', startSmallS3Server),
  s3Backend('a bucket of MinIO', minio ? '' : 'no minio on the PATH or in HONE_MINIO', () => startMinio(minio!)),
];
