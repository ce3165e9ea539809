import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Example, packInt32 } from '@hone/contracts';
import { callClientStream } from '@hone/rpc';
import { expect, test } from 'vitest';
import { TestTrainer, type Record } from './test-trainer.ts';

const EXAMPLE: Record = { $case: 'example', value: { promptText: 'a', completionText: 'b' } };
const GROUP: Record = {
  $case: 'group',
  value: {
    promptTokenIds: packInt32([1]),
    completions: [{ tokenIds: packInt32([4]) }, { tokenIds: packInt32([5]) }],
    pairs: [{ chosen: 0, rejected: 1 }],
  },
};

const rows = (trainer: TestTrainer): Promise<string[]> => readdir(path.join(trainer.storeDir, 'rows'));

test('the same records in the same order have the same name', async () => {
  const trainer = await TestTrainer.start();
  const [first, second] = [await trainer.upload([EXAMPLE, EXAMPLE]), await trainer.upload([EXAMPLE, EXAMPLE])];
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
  const trainer = await TestTrainer.start();
  await expect(trainer.upload(records)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
  expect(await rows(trainer)).toEqual([]);
});

test('an upload that is cancelled half-way leaves nothing', async () => {
  const trainer = await TestTrainer.start();
  const controller = new AbortController();
  async function* records() {
    yield { record: { $case: 'example' as const, value: { ...EMPTY_EXAMPLE, promptText: 'a', completionText: 'b' } } };
    await expect.poll(() => rows(trainer)).toHaveLength(1);
    controller.abort();
    await new Promise<never>(() => {});
  }
  const upload = callClientStream(trainer.client, 'uploadDataset', records(), { signal: controller.signal });
  await expect(upload).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect.poll(() => rows(trainer)).toEqual([]);
});

const EMPTY_EXAMPLE = Example.fromPartial({});
