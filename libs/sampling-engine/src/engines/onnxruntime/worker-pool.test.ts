import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLlamaConfig, type ModelConfig } from '@hone/checkpoint';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WorkerPool } from './worker-pool.ts';

let folder: string;
let pool: WorkerPool;

/** Starts workers that run this code in place of the sampler's. */
async function startPool(code: string, threads: number, memoryBytes = 8 * 2 ** 30): Promise<void> {
  const entry = path.join(folder, 'worker.mjs');
  await writeFile(entry, code);
  pool = new WorkerPool(pathToFileURL(entry), threads, memoryBytes, { warn() {} });
}

const modelOf = (hiddenSize: number): ModelConfig =>
  createLlamaConfig({
    hiddenSize,
    intermediateSize: 4 * hiddenSize,
    numLayers: 12,
    numAttentionHeads: 8,
    numKeyValueHeads: 8,
    vocabSize: 1000,
    maxPositionEmbeddings: 512,
    tieWordEmbeddings: true,
    eosTokenId: 0,
  });

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-pool-'));
});
afterEach(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

const WAITS = `process.on('message', ({ type }) => type === 'close' && process.exit(0));`;

test('a small model is spread over a process a thread, a large one has all threads in one', async () => {
  await startPool(WAITS, 3);
  const small = pool.place(modelOf(64));
  expect([small.workers.length, small.threads]).toEqual([3, 1]);
  const large = pool.place(modelOf(1024));
  expect([large.workers.length, large.threads]).toEqual([1, 3]);
  expect(large.workers[0]).toBe(small.workers[0]);
});

test('memory that is left beside the weights is for keys and values; where it holds no sample, that is an error', async () => {
  await startPool(WAITS, 2, 2 ** 30);
  expect(pool.place(modelOf(64)).maxCacheBytes).toBeLessThan(2 ** 29);
  expect(() => pool.place(modelOf(1024))).toThrow(
    /takes \d.*GiB of memory, but 1\.00 GiB are allowed: allow the sampler more/,
  );
});

test('a worker that has died is replaced', async () => {
  await startPool('process.exit(3);', 1);
  const [dead] = pool.place(modelOf(64)).workers;
  await expect(dead!.usage()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/code 3/) });
  const [fresh] = pool.place(modelOf(64)).workers;
  expect(fresh).not.toBe(dead);
});
