import { nameOfKind, ResourceUsage, StepKind } from '@hone/contracts';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openTestRuns, type TestRuns } from '../testing/test-runs.ts';
import { decodeResult, type Kind } from './results.ts';
import {
  deleteShards,
  deleteStep,
  findStep,
  insertFinished,
  insertStarted,
  lastIteration,
  lastIterationWith,
  listLedger,
  listShards,
  listSteps,
  type StepKey,
} from './steps.ts';

let runs: TestRuns;
beforeAll(async () => {
  runs = await openTestRuns();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => runs.close());

const keyOf = <K extends Kind>(kind: K, iteration = 1, name = nameOfKind(kind)): StepKey<K> => ({
  ...{ iteration, name, kind },
});
const SAMPLE = keyOf(StepKind.SAMPLE);

/** Notes the end of a step, or of a shard, that gave nothing. */
const finish = (runId: string, key: StepKey, shard?: number, storedBytes = 0n): Promise<void> => {
  const result = decodeResult(key.kind, `${nameOfKind(key.kind)}/1`, {});
  const outcome = { result, usage: ResourceUsage.fromPartial({}), artifacts: {} };
  return insertFinished(runs.database, runId, key, { shard, outcome, storedBytes });
};

it('a step has no outcome until it is finished, and begins once', async () => {
  const { id } = await runs.addRun();
  await insertStarted(runs.database, id, SAMPLE);
  const begun = await findStep(runs.database, id, SAMPLE);
  expect(begun).toMatchObject({ ...SAMPLE, shard: undefined, outcome: undefined, endTime: undefined });
  await insertStarted(runs.database, id, SAMPLE);
  await finish(id, SAMPLE);
  const finished = await findStep(runs.database, id, SAMPLE);
  expect(finished!.startTime).toEqual(begun!.startTime);
  expect(finished!.endTime!.getTime()).toBeGreaterThanOrEqual(begun!.startTime.getTime());
  expect(finished!.outcome!.result).toMatchObject({ problems: 0 });
  expect(await listSteps(runs.database, id)).toEqual([finished]);
});

it('steps are listed in the order in which they began, whatever the clock said', async () => {
  const { id } = await runs.addRun();
  const kinds = [StepKind.SAMPLE, StepKind.SCORE, StepKind.BUILD] as const;
  for (const [index, kind] of kinds.entries()) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 10 - index) });
    await insertStarted(runs.database, id, keyOf(kind));
  }
  for (const kind of [...kinds].reverse()) await finish(id, keyOf(kind));
  expect((await listSteps(runs.database, id, 1)).map(({ kind }) => kind)).toEqual(kinds);
  expect((await listLedger(runs.database, id)).map(({ kind }) => kind)).toEqual(kinds);
});

it('shards are listed by their first rows, and are no steps', async () => {
  const { id } = await runs.addRun();
  await insertStarted(runs.database, id, SAMPLE);
  for (const shard of [6, 0, 3]) await finish(id, SAMPLE, shard);
  expect((await listShards(runs.database, id, SAMPLE)).map(({ shard }) => shard)).toEqual([0, 3, 6]);
  expect(await listSteps(runs.database, id)).toMatchObject([{ shard: undefined, outcome: undefined }]);
  expect(await listLedger(runs.database, id, 1)).toHaveLength(4);
});

it('shards are forgotten with what they took in the store, those of their step alone', async () => {
  const { id } = await runs.addRun();
  const other = keyOf(StepKind.SAMPLE, 1, 'sample-again');
  for (const key of [SAMPLE, other, keyOf(StepKind.SAMPLE, 2)])
    for (const shard of [0, 3]) await finish(id, key, shard, 10n + BigInt(shard));
  await insertStarted(runs.database, id, SAMPLE);
  expect(await deleteShards(runs.database, id, SAMPLE)).toBe(23n);
  expect(await listShards(runs.database, id, SAMPLE)).toEqual([]);
  expect(await findStep(runs.database, id, SAMPLE)).toBeDefined();
  expect(await listShards(runs.database, id, other)).toHaveLength(2);
  expect(await deleteShards(runs.database, id, SAMPLE)).toBe(0n);
});

it('one shard is forgotten without the others', async () => {
  const { id } = await runs.addRun();
  for (const shard of [0, 3]) await finish(id, SAMPLE, shard);
  await deleteStep(runs.database, id, { ...SAMPLE, shard: 0 });
  expect((await listShards(runs.database, id, SAMPLE)).map(({ shard }) => shard)).toEqual([3]);
});

it('the latest iteration is that of any step that has begun, and of a kind that of what is finished of it', async () => {
  const { id } = await runs.addRun();
  expect(await lastIteration(runs.database, id)).toBe(0);
  expect(await lastIterationWith(runs.database, id, StepKind.SAMPLE)).toBe(0);
  await finish(id, keyOf(StepKind.SAMPLE, 1));
  await finish(id, keyOf(StepKind.SAMPLE, 2), 3);
  await finish(id, keyOf(StepKind.SCORE, 3));
  await insertStarted(runs.database, id, keyOf(StepKind.SAMPLE, 4));
  expect(await lastIteration(runs.database, id)).toBe(4);
  expect(await lastIterationWith(runs.database, id, StepKind.SAMPLE)).toBe(2);
});

it('a row whose result has a form of another version is refused, and not read as this one', async () => {
  const { id } = await runs.addRun();
  await finish(id, SAMPLE);
  await runs.database.updateTable('steps').set({ codec: 'sample/2' }).where('run_id', '=', id).execute();
  const refusal = { code: 'DATA_LOSS', message: expect.stringContaining('sample/2') };
  await expect(findStep(runs.database, id, SAMPLE)).rejects.toMatchObject(refusal);
  await expect(listSteps(runs.database, id)).rejects.toMatchObject(refusal);
});
