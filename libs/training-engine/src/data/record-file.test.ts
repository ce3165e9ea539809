import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RecordFile, type RecordFormat } from './record-file.ts';
import { exampleFormat, groupFormat } from './record-formats.ts';

async function create<Item>(format: RecordFormat<Item>): Promise<{ folder: string; records: RecordFile<Item> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-records-'));
  const records = await RecordFile.create(folder, format);
  onTestFinished(async () => {
    await records.close();
    await rm(folder, { recursive: true });
  });
  return { folder, records };
}

test('groups come back as they were, in any order, also past a block', async () => {
  const { records } = await create(groupFormat);
  const groupAt = (index: number) => ({
    problemId: `problem ${index}`,
    promptTokenIds: Int32Array.from({ length: 1 + (index % 7) }, (_, place) => index + place),
    completions: [
      { tokenIds: Int32Array.of(index, 2) },
      { tokenIds: new Int32Array(300).fill(index), referenceLogProb: -index / 3, drawn: true },
    ],
    pairs: [{ chosen: 1, rejected: 0 }],
  });
  const count = 2000;
  for (let index = 0; index < count; index++) await records.append(groupAt(index));
  await records.flush();
  expect(records.length).toBe(count);
  for (const index of [0, count - 1, 1234, 1]) expect(await records.at(index)).toEqual(groupAt(index));
});

test('examples come back as they were', async () => {
  const { records } = await create(exampleFormat);
  const examples = [3, 4].map((id) => ({ promptTokenIds: Int32Array.of(1, id), completionTokenIds: Int32Array.of(2) }));
  for (const example of examples) await records.append(example);
  await records.flush();
  expect(await Promise.all([1, 0].map((index) => records.at(index)))).toEqual([examples[1], examples[0]]);
});

test('the file has no name that could outlive its process', async () => {
  const { folder, records } = await create(exampleFormat);
  await records.flush();
  expect(await readdir(folder)).toEqual([]);
});
