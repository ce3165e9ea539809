import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ArtifactStore, collect, verifyStore, type StoredArtifact } from './index.ts';
import { BACKENDS, flipByte } from './testing/backends.ts';
import { temporaryFolder } from './testing/folder.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function writeModel(folder: string): Promise<void> {
  await writeFile(join(folder, 'model.safetensors'), Buffer.alloc(100_000, 7));
  await writeFile(join(folder, 'config.json'), '{}');
}

const rowsName = (digest: string): string => `rows/${digest}.jsonl.gz`;
const ROWS = Array.from({ length: 5000 }, (_, index) => ({ index, square: index * index }));
const HOUR_MS = 3_600_000;

/** The rules that hold for every kind of store. */
describe.each(BACKENDS)('a store in $name', (backend) => {
  if (backend.missing !== '') {
    it.skip(`is not tested here: ${backend.missing}`, () => {});
    return;
  }
  let stop: () => Promise<void>;
  beforeAll(async () => void (stop = await backend.start()));
  afterAll(() => stop());

  it('gives rows back as they were stored, named by the SHA-256 of their canonical lines', async () => {
    const { store, read, names } = await backend.open();
    const { digest, count } = await store.putJsonLines([{ b: 1, a: 'é\n' }, {}]);
    const text = '{"a":"é\\n","b":1}\n{}\n';
    expect(digest).toBe(createHash('sha256').update(text).digest('hex'));
    expect(count).toBe(2);
    expect(await names()).toEqual([rowsName(digest)]);
    expect(gunzipSync(await read(rowsName(digest))).toString()).toBe(text);
    expect(await all(store.readJsonLines(digest))).toEqual([{ a: 'é\n', b: 1 }, {}]);
    expect(await store.hasJsonLines(digest)).toBe(true);
    expect(await store.hasJsonLines('0'.repeat(64))).toBe(false);
  });

  it('stores equal rows once, and leaves the first as they are', async () => {
    const { store, names } = await backend.open();
    const [first, second] = await Promise.all([store.putJsonLines(ROWS), store.putJsonLines(ROWS)]);
    expect(await store.putJsonLines(ROWS)).toEqual(first);
    expect(second).toEqual(first);
    expect(await names()).toEqual([rowsName(first.digest)]);
  });

  it('keeps one note of an artifact, the last, until it is removed', async () => {
    const { store } = await backend.open();
    const [first, second] = ['1'.repeat(64), '2'.repeat(64)] as const;
    expect(await all(store.notes())).toEqual([]);
    await store.putNote({ digest: first, text: 'old' });
    await store.putNote({ digest: first, text: 'new é' });
    await store.putNote({ digest: second, text: '' });
    const notes = await all(store.notes());
    expect(notes.sort((one, other) => (one.digest < other.digest ? -1 : 1))).toEqual([
      { digest: first, text: 'new é' },
      { digest: second, text: '' },
    ]);
    for (const digest of [first, first, second]) await store.removeNote(digest);
    expect(await all(store.notes())).toEqual([]);
    expect(await all(store.list())).toEqual([]);
  });

  it('stores rows that take several parts of an upload', async () => {
    const { store } = await backend.open();
    function* large(): Generator<object> {
      for (let index = 0; index < 400; index++) yield { index, noise: randomBytes(75_000).toString('base64') };
    }
    const { digest, count } = await store.putJsonLines(large());
    const [artifact] = await all(store.list());
    expect(artifact!.storedBytes).toBeGreaterThan(17 << 20);
    await store.verify(artifact!);
    expect(count).toBe(400);
    expect(await all(store.readJsonLines(digest))).toHaveLength(400);
  });

  it('has no rows whose source failed', async () => {
    const { store, names } = await backend.open();
    async function* failing(): AsyncGenerator<object> {
      yield* ROWS;
      throw new Error('the source broke');
    }
    await expect(store.putJsonLines(failing())).rejects.toThrow('the source broke');
    expect(await names()).toEqual([]);
  });

  it('stores folders, whatever way they come in, and opens them to a local path', async () => {
    const { store, names } = await backend.open();
    const created = await store.createFolder(writeModel);
    const source = await temporaryFolder();
    await writeModel(source);
    expect(await store.putFolder(source)).toEqual(created);
    const files = ['MANIFEST.json', 'config.json', 'model.safetensors'];
    expect(await names()).toEqual(files.map((file) => `folders/${created.digest}/${file}`));
    expect(await store.readFolderText(created.digest, 'config.json')).toBe('{}');
    expect(await store.readFolderText(created.digest, '../config.json')).toBeUndefined();
    const path = await store.openFolder(created.digest, { verify: true });
    expect(await readFile(join(path, 'config.json'), 'utf8')).toBe('{}');
    expect(await store.describeFolder(created.digest)).toEqual(created);
    expect(await store.hasFolder(created.digest)).toBe(true);
    expect(await store.hasFolder('0'.repeat(64))).toBe(false);
  });

  it('does not find what was never stored, and refuses what is no digest', async () => {
    const { store } = await backend.open();
    const unknown = 'a'.repeat(64);
    await expect(all(store.readJsonLines(unknown))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.openFolder(unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.describeFolder(unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(() => store.readJsonLines('../../etc/passwd')).toThrow(/must be a SHA-256 digest/);
    await expect(async () => store.openFolder('..')).rejects.toThrow(/must be a SHA-256 digest/);
  });

  it('refuses folders in folders, and empty ones, and keeps nothing of them', async () => {
    const { store, names } = await backend.open();
    await expect(store.createFolder((folder) => mkdir(join(folder, 'sub')))).rejects.toThrow(/holds plain files only/);
    await expect(store.createFolder(async () => {})).rejects.toThrow(/has no files to store/);
    expect(await names()).toEqual([]);
  });

  describe('damage', () => {
    it('of rows is found when they are read, and the file is named', async () => {
      const target = await backend.open();
      const { digest } = await target.store.putJsonLines(ROWS);
      await flipByte(target, rowsName(digest));
      await expect(all(target.store.readJsonLines(digest))).rejects.toMatchObject({
        code: 'DATA_LOSS',
        metadata: { file: target.nameOf(rowsName(digest)) },
      });
    });

    it('that leaves valid rows is found too', async () => {
      const { store, write } = await backend.open();
      const { digest } = await store.putJsonLines(ROWS);
      await write(rowsName(digest), gzipSync('{"index":0}\n'));
      await expect(all(store.readJsonLines(digest))).rejects.toThrow(/its content has the digest/);
    });

    it('is told of each artifact by name, and the sound ones are sound', async () => {
      const target = await backend.open();
      const { store } = target;
      const rows = await store.putJsonLines(ROWS);
      const sound = await store.putJsonLines([{ a: 1 }]);
      const folder = await store.createFolder(writeModel);
      const other = await store.createFolder((path) => writeFile(join(path, 'a'), 'a'));
      const file = `folders/${folder.digest}/model.safetensors`;
      await flipByte(target, rowsName(rows.digest));
      await flipByte(target, file);
      await target.write(`folders/${other.digest}/MANIFEST.json`, '{"files":[],"version":1}\n');
      const found = await all(verifyStore(store));
      const problems = new Map(found.map(({ artifact, problem }) => [artifact.digest, problem]));
      expect(problems.size).toBe(4);
      expect(problems.get(sound.digest)).toBe('');
      expect(problems.get(rows.digest)).toContain(target.nameOf(rowsName(rows.digest)));
      expect(problems.get(folder.digest)).toContain(`${target.nameOf(file)}: is damaged`);
      expect(problems.get(other.digest)).toContain('MANIFEST.json: is damaged');
      expect(found.map(({ status }) => status).sort()).toEqual(['DAMAGED', 'DAMAGED', 'DAMAGED', 'SOUND']);
    });

    it('of a file that is missing or short is found without reading contents', async () => {
      const target = await backend.open();
      const { digest } = await target.store.createFolder(writeModel);
      const file = `folders/${digest}/model.safetensors`;
      const verify = async (): Promise<string> => (await all(verifyStore(target.store)))[0]!.problem;
      await target.write(file, 'short');
      expect(await verify()).toContain('model.safetensors: has 5 bytes, its manifest says 100000');
      await target.remove(file);
      expect(await verify()).toContain('model.safetensors: is missing');
    });

    it('is mended by storing the same again', async () => {
      const target = await backend.open();
      const { store } = target;
      const rows = await store.putJsonLines(ROWS);
      const folder = await store.createFolder(writeModel);
      await flipByte(target, rowsName(rows.digest));
      await flipByte(target, `folders/${folder.digest}/model.safetensors`);
      expect((await all(verifyStore(store))).map(({ status }) => status)).toEqual(['DAMAGED', 'DAMAGED']);
      expect(await store.putJsonLines(ROWS)).toEqual(rows);
      expect(await store.createFolder(writeModel)).toEqual(folder);
      expect((await all(verifyStore(store))).map(({ status }) => status)).toEqual(['SOUND', 'SOUND']);
    });
  });

  describe('collection', () => {
    async function filled() {
      const target = await backend.open();
      const kept = await target.store.putJsonLines(ROWS);
      const keptFolder = await target.store.createFolder(writeModel);
      const orphan = await target.store.putJsonLines([{ orphan: true }]);
      const orphanFolder = await target.store.createFolder((path) => writeFile(join(path, 'a'), 'orphan'));
      const needed = [kept.digest, keptFolder.digest];
      const orphans = [orphan.digest, orphanFolder.digest].sort();
      return { ...target, needed, orphans };
    }
    const digestsOf = (artifacts: readonly StoredArtifact[]): string[] => artifacts.map(({ digest }) => digest).sort();
    /** Moves the clock, no further than servers let the clocks of their clients differ. */
    function makeOld(): void {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
      onTestFinished(() => void vi.useRealTimers());
    }

    it('removes what nobody needs, whole, and nothing else', async () => {
      const { store, names, needed, orphans } = await filled();
      makeOld();
      const removed = await all(collect(store, { keep: () => needed, minAgeMs: 0, dryRun: false }));
      expect(digestsOf(removed)).toEqual(orphans);
      expect(digestsOf(await all(store.list()))).toEqual(needed.sort());
      expect((await names()).filter((name) => orphans.some((digest) => name.includes(digest)))).toEqual([]);
      expect((await all(verifyStore(store))).map(({ status }) => status)).toEqual(['SOUND', 'SOUND']);
      await expect(store.openFolder(removed.find(({ kind }) => kind === 'folder')!.digest)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('only tells, on a dry run', async () => {
      const { store, names, needed, orphans } = await filled();
      makeOld();
      const before = await names();
      const told = await all(collect(store, { keep: () => needed, minAgeMs: 0, dryRun: true }));
      expect(digestsOf(told)).toEqual(orphans);
      expect(await names()).toEqual(before);
    });

    it('leaves what is young, named or not', async () => {
      const { store, names } = await filled();
      const before = await names();
      expect(await all(collect(store, { keep: () => [], minAgeMs: HOUR_MS, dryRun: false }))).toEqual([]);
      expect(await names()).toEqual(before);
    });

    it('leaves what was stored again meanwhile', async () => {
      const { store, needed, orphans } = await filled();
      // S3 tells times in whole seconds.
      await delay(1100);
      const olderThan = new Date();
      const listed = (await all(store.list())).filter(({ digest }) => orphans.includes(digest));
      await delay(1100);
      await store.putJsonLines([{ orphan: true }]);
      await store.createFolder((path) => writeFile(join(path, 'a'), 'orphan'));
      for (const artifact of listed) expect(await store.remove(artifact, { olderThan })).toBe(false);
      expect(digestsOf(await all(store.list()))).toEqual([...needed, ...orphans].sort());
    });

    it('leaves what somebody began to need while it was listed', async () => {
      const { store, needed, orphans } = await filled();
      makeOld();
      let asked = 0;
      const keep = (): string[] => (asked++ === 0 ? needed : [...needed, ...orphans]);
      expect(await all(collect(store, { keep, minAgeMs: 0, dryRun: false }))).toEqual([]);
      expect(asked).toBe(2);
    });

    it('removes nothing where what is needed cannot be told', async () => {
      const { store, names } = await filled();
      makeOld();
      const before = await names();
      async function* broken(): AsyncGenerator<string> {
        yield '0'.repeat(64);
        throw new Error('the database is gone');
      }
      const lost = collect(store, { keep: broken, minAgeMs: 0, dryRun: false });
      await expect(all(lost)).rejects.toThrow('the database is gone');
      const strange = collect(store, { keep: () => ['checkpoints/abc'], minAgeMs: 0, dryRun: false });
      await expect(all(strange)).rejects.toThrow(/keep: must be a SHA-256 digest/);
      expect(await names()).toEqual(before);
    });
  });

  it('is opened by others that see the same', async () => {
    const { store, location } = await backend.open();
    const { digest } = await store.putJsonLines(ROWS);
    const folder = await store.createFolder(writeModel);
    const other = await ArtifactStore.open(location);
    expect(await all(other.readJsonLines(digest))).toEqual(ROWS);
    expect(await readFile(join(await other.openFolder(folder.digest), 'config.json'), 'utf8')).toBe('{}');
    expect(await all(other.list())).toHaveLength(2);
  });
});
