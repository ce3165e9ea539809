import { expect, test } from 'vitest';
import { MASKED } from '@hone/models';
import { capacityFor, KvCache } from './kv-cache.ts';

const heads = 2;
const headDim = 3;
/** One layer: keys transposed, values not. */
const layouts = [
  { outer: heads * headDim, inner: 1 },
  { outer: heads, inner: headDim },
];
const rowSize = heads * headDim;

/** Value that says where it belongs. */
const mark = (row: number, position: number, head: number, dim: number): number =>
  row * 1e6 + position * 100 + head * 10 + dim;

/** What a graph would give for `chunk` positions of rows: keys [row, head, dim, chunk], values [row, head, chunk, dim]. */
function chunkOutputs(rows: number[], start: number, chunk: number): Float32Array[] {
  const keys = new Float32Array(rows.length * rowSize * chunk);
  const values = new Float32Array(rows.length * rowSize * chunk);
  rows.forEach((row, r) => {
    for (let head = 0; head < heads; head++)
      for (let dim = 0; dim < headDim; dim++)
        for (let c = 0; c < chunk; c++) {
          const value = mark(row, start + c, head, dim);
          keys[((r * heads + head) * headDim + dim) * chunk + c] = value;
          values[((r * heads + head) * chunk + c) * headDim + dim] = value;
        }
  });
  return [keys, values];
}

function expectRow(cache: KvCache, row: number, marked: number): void {
  const keys = cache.view(0);
  const values = cache.view(1);
  const { capacity } = cache;
  for (let position = 0; position < cache.length(row); position++)
    for (let head = 0; head < heads; head++)
      for (let dim = 0; dim < headDim; dim++) {
        const value = mark(marked, position, head, dim);
        expect(keys[((row * heads + head) * headDim + dim) * capacity + position]).toBe(value);
        expect(values[((row * heads + head) * capacity + position) * headDim + dim]).toBe(value);
      }
  const mask = cache.maskView().subarray(row * capacity, (row + 1) * capacity);
  mask.forEach((value, position) => expect(value).toBe(position < cache.length(row) ? 0 : MASKED));
}

test('capacities are multiples of 64, at least one', () => {
  expect([0, 1, 64, 65, 128].map(capacityFor)).toEqual([64, 64, 64, 128, 128]);
});

test('rows keep their positions while the capacity grows and shrinks', () => {
  const cache = new KvCache(layouts, 3);
  for (let position = 0; position < 200; position++) {
    cache.shape(3, 1);
    for (const row of [0, 2]) {
      // Row 2 is short.
      if (row === 2 && position >= 40) continue;
      cache.append(row, chunkOutputs([row], position, 1), 0, 1, 1);
    }
  }
  expect(cache.capacity).toBe(256);
  expectRow(cache, 0, 0);
  expectRow(cache, 1, 1);
  expectRow(cache, 2, 2);
  cache.clear(0);
  cache.shape(3, 1);
  // 64 would hold the 40 positions of row 2, but not for long.
  expect(cache.capacity).toBe(128);
  expectRow(cache, 2, 2);
  expect(cache.length(0)).toBe(0);
  cache.clear(2);
  cache.shape(3, 1);
  expect(cache.capacity).toBe(64);
});

test('a chunk of several rows and positions lands where single positions would', () => {
  const cache = new KvCache(layouts, 2);
  cache.shape(2, 10);
  const outputs = chunkOutputs([0, 1], 0, 10);
  cache.append(0, outputs, 0, 10, 10);
  cache.append(1, outputs, 1, 10, 7);
  expectRow(cache, 0, 0);
  expectRow(cache, 1, 1);
  expect(cache.length(1)).toBe(7);
});

test('a row is copied between caches of different capacities', () => {
  const prefix = new KvCache(layouts, 1);
  prefix.shape(1, 150);
  prefix.append(0, chunkOutputs([5], 0, 150), 0, 150, 150);
  const cache = new KvCache(layouts, 4);
  cache.shape(4, 0);
  cache.copyRow(prefix, 0, 2);
  cache.shape(4, 1);
  expect(cache.length(2)).toBe(150);
  expectRow(cache, 2, 5);
  expectRow(cache, 3, 3);
});

test('only the rows of the batch are fed', () => {
  const cache = new KvCache(layouts, 8);
  cache.shape(4, 0);
  expect(cache.view(0)).toHaveLength(4 * rowSize * 64);
  expect(cache.maskView()).toHaveLength(4 * 64);
});
