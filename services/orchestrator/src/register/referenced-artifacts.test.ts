import { artifactsOf, ListReferencedArtifactsRequest, nameOfDigest } from '@hone/contracts';
import { callServerStream } from '@hone/rpc';
import { collect } from '@hone/artifacts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

async function referenced(): Promise<string[]> {
  const digests: string[] = [];
  const request = ListReferencedArtifactsRequest.fromPartial({});
  for await (const message of callServerStream(platform.client, 'listReferencedArtifacts', request)) {
    digests.push(...message.digests);
  }
  return digests;
}

it('everything that a run and its checkpoints name is referenced, once, and what nobody names is not', async () => {
  const { name } = await platform.createRun();
  await platform.watch(name);
  const orphan = await platform.store.putJsonLines([{ orphan: true }]);
  const digests = await referenced();
  expect(new Set(digests).size).toBe(digests.length);
  expect(digests).not.toContain(orphan.digest);
  const { iterations } = await platform.getRun(name);
  const artifacts = iterations.flatMap((iteration) => Object.values(artifactsOf(iteration)));
  expect(artifacts.length).toBeGreaterThan(6);
  const names = [platform.base.name, platform.problemSet, ...iterations.map(({ checkpoint }) => checkpoint)];
  for (const needed of names)
    expect(digests.map((digest) => nameOfDigest(needed.split('/')[0]! as 'checkpoints', digest))).toContain(needed);
  expect(digests).toEqual(expect.arrayContaining(artifacts));
});

it('a collection by what is referenced leaves runs and checkpoints whole', async () => {
  const before = (await platform.getRun((await platform.createRun()).name)).name;
  await platform.watch(before);
  const orphan = await platform.store.createFolder(async (folder) => {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${folder}/a`, 'orphan');
  });
  const digests = await referenced();
  const removed: string[] = [];
  const soon = { keep: () => digests, minAgeMs: 0, dryRun: true };
  for await (const { digest } of collect(platform.store, soon)) removed.push(digest);
  expect(removed).toContain(orphan.digest);
  expect(removed.filter((digest) => digests.includes(digest))).toEqual([]);
});
