import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { messageOf, packInt32, UploadDatasetRequest, type Dataset, type PartialMessage } from '@hone/contracts';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { uploadDataset } from './upload-dataset.ts';

type Record = PartialMessage<UploadDatasetRequest>['record'];

const EXAMPLE: Record = { $case: 'example', value: { promptText: 'a', completionText: 'b' } };
const GROUP: Record = {
  $case: 'group',
  value: {
    promptTokenIds: packInt32([1]),
    completions: [{ tokenIds: packInt32([4]) }, { tokenIds: packInt32([5]) }],
    pairs: [{ chosen: 0, rejected: 1 }],
  },
};

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-datasets-'));
  store = await ArtifactStore.open(folder);
  onTestFinished(() => rm(folder, { recursive: true }));
});

const rows = (): Promise<string[]> => readdir(path.join(folder, 'rows'));
const { signal } = new AbortController();

function upload(records: Iterable<Record>): Promise<Dataset> {
  async function* requests(): AsyncGenerator<UploadDatasetRequest> {
    for (const record of records) yield messageOf(UploadDatasetRequest, { record });
  }
  return uploadDataset(store, requests(), { signal });
}

test('the same records in the same order have the same name', async () => {
  const [first, second] = [await upload([EXAMPLE, EXAMPLE]), await upload([EXAMPLE, EXAMPLE])];
  expect(second).toEqual(first);
  expect(first.name).toMatch(/^datasets\/[0-9a-f]{64}$/);
});

test.each<[string, Record[]]>([
  ['record', []],
  ['record', [undefined]],
  ['record', [GROUP, EXAMPLE]],
  ['example[1].completion_text', [EXAMPLE, { $case: 'example', value: { promptText: 'a' } }]],
  ['group[0].pairs', [{ $case: 'group', value: { ...(GROUP!.value as object), pairs: [] } }]],
])('a dataset that breaks a rule is refused with the field, and nothing is kept: %s', async (field, records) => {
  await expect(upload(records)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
  expect(await rows()).toEqual([]);
});
