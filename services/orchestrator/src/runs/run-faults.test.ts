/** What a run does when its disk is full, or when what it has stored rots. */
import { spawnSync } from 'node:child_process';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { verifyStore } from '@hone/artifacts';
import { artifactsOf, ResumeRunRequest, RunState, type Run, type RunSpec } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

const made = ({ iterations }: Run) =>
  iterations.map((iteration) => ({ checkpoint: iteration.checkpoint, artifacts: artifactsOf(iteration) }));
const inShards = (it: RunSpec): void => {
  settingsOf(it)['iterations'] = 1;
  it.problemsPerShard = 3;
};

async function ended(platform: TestPlatform, name: string, afterEvent = 0n): Promise<Run> {
  await platform.watch(name, afterEvent);
  return platform.getRun(name);
}

async function resumed(platform: TestPlatform, name: string): Promise<Run> {
  const { lastEvent } = await callUnary(platform.client, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
  return ended(platform, name, lastEvent);
}

describe('a byte that rots', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.close());
  beforeEach(() => {
    platform.hooks.before = async () => undefined;
  });

  const rowsFile = (digest: string): string => path.join(platform.root, 'store', 'rows', `${digest}.jsonl.gz`);

  async function flipByte(file: string): Promise<void> {
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, Math.floor(size / 2));
    byte[0]! ^= 0xff;
    await handle.write(byte, 0, 1, Math.floor(size / 2));
    await handle.close();
  }

  async function rowsInStore(): Promise<string[]> {
    const digests: string[] = [];
    for await (const { kind, digest } of platform.store.list()) if (kind === 'rows') digests.push(digest);
    return digests;
  }

  async function damagedInStore(): Promise<string[]> {
    const names: string[] = [];
    for await (const { artifact, status } of verifyStore(platform.store)) {
      if (status === 'DAMAGED') names.push(artifact.digest);
    }
    return names;
  }

  it('in the completions, behind their scoring, ends the run with the file named, and is made good when it goes on', async () => {
    const undisturbed = await ended(platform, (await platform.createRun(inShards)).name);
    let file = '';
    let calls = 0;
    const { name } = await platform.createRun(inShards);
    platform.hooks.before = async (call) => {
      // The last of four shards: all completions are read by now, and the pairs read them once more.
      if (call !== 'score' || ++calls !== 4) return;
      file = rowsFile(artifactsOf((await platform.getRun(name)).iterations[1]!)['completions']!);
      await flipByte(file);
    };
    const failed = await ended(platform, name);
    platform.hooks.before = async () => undefined;
    expect(failed.state).toBe(RunState.FAILED);
    expect(failed.error).toMatch(/iteration 1, build: .*DATA_LOSS/);
    expect(failed.error).toContain(file);
    expect(await damagedInStore()).toEqual([path.basename(file, '.jsonl.gz')]);
    const good = await resumed(platform, name);
    expect(good.error).toBe('');
    expect(made(good)).toEqual(made(undisturbed));
    expect(await damagedInStore()).toEqual([]);
  });

  it('in the rows of a shard is found when the shards are joined, and that shard is made again', async () => {
    const other = (it: RunSpec): void => (inShards(it), void (it.seed = 99n));
    const before = new Set(await rowsInStore());
    let calls = 0;
    platform.hooks.before = async (call) => {
      // By the fourth shard the first one is kept.
      if (call !== 'sample' || ++calls !== 4) return;
      await flipByte(rowsFile((await rowsInStore()).find((digest) => !before.has(digest))!));
    };
    const { name } = await platform.createRun(other);
    const failed = await ended(platform, name);
    platform.hooks.before = async () => undefined;
    expect(failed.error).toMatch(/iteration 1, sample: .*rows.*DATA_LOSS/);
    platform.hooks.calls.length = 0;
    const good = await resumed(platform, name);
    expect(good.error).toBe('');
    expect(platform.hooks.calls.filter((call) => call === 'sample')).toHaveLength(1);
    expect(made(good)).toEqual(made(await ended(platform, (await platform.createRun(other)).name)));
  });
});

describe('rows that are gone', () => {
  it('end the run, and are made again when it goes on, to the same bytes', async () => {
    const platform = await startPlatform();
    try {
      const undisturbed = await ended(platform, (await platform.createRun(inShards)).name);
      const { name } = await platform.createRun(inShards);
      let calls = 0;
      platform.hooks.before = async (call) => {
        // The last of four shards: all completions are read by now, and the pairs read them once more.
        if (call !== 'score' || ++calls !== 4) return;
        const { completions } = artifactsOf((await platform.getRun(name)).iterations[1]!);
        await rm(path.join(platform.root, 'store', 'rows', `${completions!}.jsonl.gz`));
      };
      const failed = await ended(platform, name);
      platform.hooks.before = async () => undefined;
      expect(failed).toMatchObject({ state: RunState.FAILED, failure: { code: 'NOT_FOUND', iteration: 1 } });
      const good = await resumed(platform, name);
      expect(good.error).toBe('');
      expect(made(good)).toEqual(made(undisturbed));
      for (const digest of Object.values(artifactsOf(good.iterations[1]!)))
        expect(await platform.store.hasJsonLines(digest)).toBe(true);
    } finally {
      await platform.close();
    }
  });
});

/** Mounting takes rights that not every machine gives. */
const canMount = process.getuid!() === 0 && spawnSync('mount', ['-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (canMount) spawnSync('umount', ['/mnt']);
const why = canMount ? '' : ' (skipped: a small file system cannot be mounted here)';

describe(`a full disk${why}`, () => {
  it.skipIf(!canMount)('ends the run with the path named; with space it goes on to the same bytes', async () => {
    let folder = '';
    const platform = await startPlatform({
      prepare: async (root) => {
        folder = path.join(root, 'store');
        await mkdir(folder);
        spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'hone-test', folder]);
      },
    });
    try {
      const undisturbed = await ended(platform, (await platform.createRun(inShards)).name);
      expect(undisturbed.error).toBe('');
      // All but a few blocks, which a temporary file of the next run takes.
      const ballast = path.join(folder, 'ballast');
      const free = Number(spawnSync('stat', ['-f', '-c', '%a %S', folder], { encoding: 'utf8' }).stdout.split(' ')[0]);
      await writeFile(ballast, Buffer.alloc((free - 1) * 4096));
      await writeFile(`${ballast}-2`, Buffer.alloc(8192)).catch(() => undefined);
      const failed = await ended(platform, (await platform.createRun((it) => (inShards(it), (it.seed = 77n)))).name);
      expect(failed.state).toBe(RunState.FAILED);
      expect(failed.error).toMatch(/RESOURCE_EXHAUSTED, DISK_FULL/);
      expect(failed.error).toContain(folder);
      spawnSync('rm', [ballast, `${ballast}-2`]);
      const good = await resumed(platform, failed.name);
      expect(good.error).toBe('');
      const other = await ended(platform, (await platform.createRun((it) => (inShards(it), (it.seed = 77n)))).name);
      expect(made(good)).toEqual(made(other));
    } finally {
      spawnSync('umount', ['-l', folder]);
      await platform.close();
    }
  });
});

describe(`a full disk of the database${why}`, () => {
  it.skipIf(!canMount)(
    'holds the run up until there is space',
    async () => {
      let folder = '';
      const platform = await startPlatform({
        prepare: async (root) => {
          folder = path.join(root, 'state');
          await mkdir(folder);
          spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'hone-test', folder]);
        },
      });
      try {
        const undisturbed = await ended(platform, (await platform.createRun(inShards)).name);
        let full: () => void = () => undefined;
        const isFull = new Promise<void>((resolve) => (full = resolve));
        const ballast = path.join(folder, 'ballast');
        platform.hooks.before = async (call) => {
          if (call !== 'sample') return;
          platform.hooks.before = async () => undefined;
          // Until nothing fits any more.
          spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']);
          spawnSync('dd', ['if=/dev/zero', `of=${ballast}-2`, 'bs=512']);
          full();
        };
        const { name } = await platform.createRun(inShards);
        await isFull;
        await new Promise((resolve) => setTimeout(resolve, 3000));
        spawnSync('rm', [ballast, `${ballast}-2`]);
        const run = await expect
          .poll(() => platform.getRun(name).catch(() => undefined), { timeout: 60_000, interval: 500 })
          .toMatchObject({ state: RunState.SUCCEEDED })
          .then(() => platform.getRun(name));
        expect(made(run)).toEqual(made(undisturbed));
      } finally {
        await platform.close().catch(() => undefined);
        spawnSync('umount', ['-l', folder]);
        spawnSync('rm', ['-rf', path.dirname(folder)]);
      }
    },
    120_000,
  );
});
