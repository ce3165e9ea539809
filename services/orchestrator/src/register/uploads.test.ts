import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { Example, Problem, UploadServiceClient } from '@hone/contracts';
import { callClientStream, connect, startServer } from '@hone/rpc';
import { expect, onTestFinished, test } from 'vitest';
import { uploadService } from './uploads.ts';

async function serve() {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-uploads-'));
  const store = await ArtifactStore.open(folder);
  const server = await startServer({ address: '127.0.0.1:0', services: [uploadService(store)] });
  const client = connect(UploadServiceClient, server.address);
  onTestFinished(async () => {
    client.close();
    await server.close(100);
    await rm(folder, { recursive: true });
  });
  return { client, store, rows: (): Promise<string[]> => readdir(path.join(folder, 'rows')) };
}

const EXAMPLE = Example.fromPartial({ promptText: 'a', completionText: 'b' });

test('what is uploaded lies in the store under the name that is answered', async () => {
  const { client, store } = await serve();
  const examples = (async function* () {
    yield { record: { $case: 'example' as const, value: EXAMPLE } };
  })();
  const dataset = await callClientStream(client, 'uploadDataset', examples);
  expect(dataset).toMatchObject({ recordCount: 1, pairCount: 0 });
  expect(await store.hasJsonLines(dataset.name.split('/')[1]!)).toBe(true);
  const problems = (async function* () {
    const prompt = { id: 'a', content: { $case: 'text' as const, value: 'question' } };
    yield { problem: Problem.fromPartial({ id: 'a', gold: '1', prompt }) };
  })();
  const set = await callClientStream(client, 'uploadProblemSet', problems);
  expect(set.problemCount).toBe(1);
  expect(await store.hasJsonLines(set.name.split('/')[1]!)).toBe(true);
});

test('an upload that is cancelled half-way leaves nothing', async () => {
  const { client, rows } = await serve();
  const controller = new AbortController();
  async function* records() {
    yield { record: { $case: 'example' as const, value: EXAMPLE } };
    await expect.poll(rows).toHaveLength(1);
    controller.abort();
    await new Promise<never>(() => {});
  }
  const upload = callClientStream(client, 'uploadDataset', records(), { signal: controller.signal });
  await expect(upload).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect.poll(rows).toEqual([]);
});
