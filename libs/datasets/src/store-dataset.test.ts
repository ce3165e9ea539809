import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { Example, messageOf, packInt32, PreferenceGroup } from '@hone/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeDataset, type TrainingRecord } from './index.ts';

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-datasets-'));
  store = await ArtifactStore.open(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EXAMPLE: TrainingRecord = {
  $case: 'example',
  value: messageOf(Example, { promptText: 'a', completionText: 'b' }),
};
const GROUP: TrainingRecord = {
  $case: 'group',
  value: messageOf(PreferenceGroup, {
    promptTokenIds: packInt32([1]),
    completions: [{ tokenIds: packInt32([4]) }, { tokenIds: packInt32([5]) }],
    pairs: [{ chosen: 0, rejected: 1 }],
  }),
};

async function put(records: readonly TrainingRecord[]) {
  async function* all() {
    yield* records;
  }
  return storeDataset(store, all(), { signal: new AbortController().signal });
}

test('records are rows of proto JSON, counted with their pairs', async () => {
  const { digest } = await store.putJsonLines([PreferenceGroup.toJSON(GROUP.value as PreferenceGroup) as object]);
  expect(await put([GROUP])).toEqual({ name: `datasets/${digest}`, recordCount: 1, pairCount: 1 });
  expect(await put([EXAMPLE, EXAMPLE])).toMatchObject({ recordCount: 2, pairCount: 0 });
});

test('where there is no record, nothing is stored', async () => {
  const before = await readdir(path.join(folder, 'rows'));
  expect(await put([])).toBeUndefined();
  expect(await readdir(path.join(folder, 'rows'))).toEqual(before);
});

test('all examples have a label, or none does', async () => {
  const labelled = { ...EXAMPLE, value: { ...EXAMPLE.value, desirable: false } } as TrainingRecord;
  expect(await put([labelled, labelled])).toMatchObject({ recordCount: 2, pairCount: 0 });
  for (const mixed of [
    [labelled, EXAMPLE],
    [EXAMPLE, labelled],
  ])
    await expect(put(mixed)).rejects.toMatchObject({ violations: [{ field: 'example[1].desirable' }] });
});

test('all examples have a finite advantage, and then no label, or none does', async () => {
  const one = (fields: Partial<Example>) => ({ ...EXAMPLE, value: { ...EXAMPLE.value, ...fields } }) as TrainingRecord;
  expect(await put([one({ advantage: -0.5 }), one({ advantage: 0 })])).toMatchObject({ recordCount: 2 });
  for (const [field, record] of [
    ['example[1].advantage', EXAMPLE],
    ['example[1].advantage', one({ advantage: Number.NaN })],
    ['example[1].desirable', one({ advantage: 1, desirable: true })],
  ] as const)
    await expect(put([one({ advantage: 1 }), record])).rejects.toMatchObject({ violations: [{ field }] });
});

test('records of two kinds are refused, and so is a broken one', async () => {
  await expect(put([GROUP, EXAMPLE])).rejects.toMatchObject({ violations: [{ field: 'record' }] });
  const broken = { ...EXAMPLE, value: messageOf(Example, {}) } as TrainingRecord;
  await expect(put([EXAMPLE, broken])).rejects.toMatchObject({ violations: [{ field: 'example[1].prompt_text' }] });
});
