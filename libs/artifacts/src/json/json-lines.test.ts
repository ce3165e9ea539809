import { createHash, randomBytes } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../index.ts';
import { listAll, temporaryFolder } from '../testing/folder.ts';

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

async function openStore(): Promise<{ store: ArtifactStore; root: string; fileOf: (digest: string) => string }> {
  const root = join(await temporaryFolder(), 'store');
  const fileOf = (digest: string): string => join(root, 'rows', `${digest}.jsonl.gz`);
  return { store: await ArtifactStore.open(root), root, fileOf };
}

const rows = [
  { prompt: 'What is 2+2?', ids: 'AQAAAA==', score: 0.5, nested: { b: [1, null, true], a: 'é\n' } },
  { prompt: '', ids: '' },
];

describe('rows', () => {
  it('come back as they were stored', async () => {
    const { store } = await openStore();
    const { digest, count } = await store.putJsonLines(rows);
    expect(count).toBe(2);
    expect(await collect(store.readJsonLines(digest))).toEqual(rows);
    expect(await store.hasJsonLines(digest)).toBe(true);
    expect(await store.hasJsonLines('0'.repeat(64))).toBe(false);
  });

  it('are named by the SHA-256 of their uncompressed canonical lines', async () => {
    const { store, fileOf } = await openStore();
    const { digest, bytes } = await store.putJsonLines([{ b: 1, a: 'x' }, {}]);
    const text = '{"a":"x","b":1}\n{}\n';
    expect(digest).toBe(createHash('sha256').update(text).digest('hex'));
    expect(bytes).toBe(text.length);
    expect(gunzipSync(await readFile(fileOf(digest))).toString()).toBe(text);
  });

  it('have the same name whatever the order of their keys, and are stored once', async () => {
    const { store, root } = await openStore();
    const first = await store.putJsonLines([{ a: 1, b: { c: 2, d: 3 } }]);
    const second = await store.putJsonLines([{ b: { d: 3, c: 2 }, a: 1, e: undefined }]);
    expect(second).toEqual(first);
    expect(await listAll(join(root, 'rows'))).toHaveLength(1);
  });

  it('may be none', async () => {
    const { store } = await openStore();
    const { digest, count, bytes } = await store.putJsonLines([]);
    expect({ count, bytes }).toEqual({ count: 0, bytes: 0 });
    expect(await collect(store.readJsonLines(digest))).toEqual([]);
  });

  it('stream in constant memory, in both directions', async () => {
    const { store } = await openStore();
    // About 80 MB that hardly compress and must not be held at once.
    async function* many(): AsyncGenerator<object> {
      for (let index = 0; index < 20_000; index++) yield { index, text: randomBytes(3000).toString('base64') };
    }
    let peak = 0;
    const before = measure();
    const { digest, bytes } = await store.putJsonLines(watched(many(), () => (peak = Math.max(peak, measure()))));
    let count = 0;
    for await (const row of store.readJsonLines<{ index: number }>(digest)) {
      if (row.index !== count++) throw new Error(`row ${row.index} is out of order`);
      if (count % 100 === 0) peak = Math.max(peak, measure());
    }
    expect(count).toBe(20_000);
    expect(bytes).toBeGreaterThan(60e6);
    expect(peak - before).toBeLessThan(bytes / 2);

    /** Memory outside the JavaScript heap (buffers), plus the heap. */
    function measure(): number {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    }
  });

  it('leave nothing behind where their source fails', async () => {
    const { store, root } = await openStore();
    async function* failing(): AsyncGenerator<object> {
      for (let index = 0; index < 10_000; index++) yield { index, text: 'x'.repeat(100) };
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', path: '/data/x' });
    }
    await expect(store.putJsonLines(failing())).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'DISK_FULL',
    });
    expect(await listAll(join(root, 'rows'))).toEqual([]);
  });

  it('stop when aborted, and leave nothing behind', async () => {
    const { store, root } = await openStore();
    const abort = new AbortController();
    async function* endless(): AsyncGenerator<object> {
      for (let index = 0; ; index++) {
        if (index === 1000) abort.abort();
        yield { index };
      }
    }
    await expect(store.putJsonLines(endless(), { signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await listAll(join(root, 'rows'))).toEqual([]);
  });

  it.each([
    ['NaN', { a: [NaN] }, /row 0\.a\[0\]: NaN has no form in JSON/],
    ['a bigint', { a: 1n }, /row 0\.a: a bigint has no form in JSON/],
    ['a typed array', { ids: new Int32Array(2) }, /row 0\.ids: a Int32Array has no form in JSON: pack it first/],
    ['a date', { at: new Date(0) }, /row 0\.at: a Date has no form/],
  ])('refuse %s, which JSON would change without a word', async (_name, row, message) => {
    const { store } = await openStore();
    await expect(store.putJsonLines([row])).rejects.toThrow(message);
  });
});

async function* watched<T>(source: AsyncIterable<T>, watch: () => void): AsyncGenerator<T> {
  let index = 0;
  for await (const item of source) {
    if (index++ % 100 === 0) watch();
    yield item;
  }
}

describe('damaged rows are found and the file is named', () => {
  const many = Array.from({ length: 5000 }, (_, index) => ({ index, square: index * index }));

  it('a changed byte in the compressed file', async () => {
    const { store, fileOf } = await openStore();
    const { digest } = await store.putJsonLines(many);
    const bytes = await readFile(fileOf(digest));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(fileOf(digest), bytes);
    const error = await collect(store.readJsonLines(digest)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DATA_LOSS', metadata: { file: fileOf(digest) } });
  });

  it('a truncated file', async () => {
    const { store, fileOf } = await openStore();
    const { digest } = await store.putJsonLines(many);
    await truncate(fileOf(digest), 3000);
    await expect(collect(store.readJsonLines(digest))).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });

  it('whole, valid rows that are not the stored ones', async () => {
    const { store, fileOf } = await openStore();
    const { digest } = await store.putJsonLines(many);
    await writeFile(fileOf(digest), gzipSync('{"index":0}\n'));
    await expect(collect(store.readJsonLines(digest))).rejects.toThrow(/is damaged: its content has the digest/);
  });

  it('storing the rows again mends them', async () => {
    const { store, fileOf } = await openStore();
    const { digest } = await store.putJsonLines(many);
    await writeFile(fileOf(digest), 'broken');
    await store.putJsonLines(many);
    expect(await collect(store.readJsonLines(digest))).toEqual(many);
  });

  it('an unknown digest is not found; what is no digest is refused before any file is touched', async () => {
    const { store } = await openStore();
    await expect(collect(store.readJsonLines('a'.repeat(64)))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const id of ['', '../../etc/passwd', 'A'.repeat(64), 'a'.repeat(63), `${'a'.repeat(64)}\n`]) {
      expect(() => store.readJsonLines(id)).toThrow(/digest: must be a SHA-256 digest/);
    }
  });
});
