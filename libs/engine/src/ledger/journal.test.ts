import { Checkpoint, ResourceUsage, SampleResult, StepKind, StepState, TrainResponse } from '@hone/contracts';
import { checkpointName } from '@hone/registry/testing/register';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestRuns, type TestRuns } from '../testing/test-runs.ts';
import { listEvents } from './events.ts';
import { iterationOf } from './iterations.ts';
import { getRun, type RunRecord } from './runs.ts';
import { findStep, listShards, type StepOutcome } from './steps.ts';

let runs: TestRuns;
beforeAll(async () => {
  runs = await openTestRuns();
});
afterAll(() => runs.close());

const SAMPLE = { iteration: 1, name: 'sample', kind: StepKind.SAMPLE } as const;
const TRAIN = { iteration: 1, name: 'train', kind: StepKind.TRAIN } as const;
const PUBLISH = { iteration: 1, name: 'publish', kind: StepKind.PUBLISH } as const;

const spendingOf = async ({ id }: RunRecord) => (await getRun(runs.database, id)).spending;
const bytesOf = async ({ artifacts }: StepOutcome): Promise<bigint> =>
  BigInt((await runs.store.storedBytesOfJsonLines(artifacts['completions']!.digest))!);

/** What sampling gave that used so many tokens, with a row for each text. */
async function sampled(tokens: bigint, ...texts: string[]): Promise<StepOutcome<StepKind.SAMPLE>> {
  const completions = await runs.putRows('completions', ...texts);
  return {
    result: SampleResult.fromPartial({ problems: texts.length, samples: texts.length }),
    usage: ResourceUsage.fromPartial({ seconds: 1, tokens, peakMemoryBytes: 10n * tokens }),
    artifacts: { completions },
  };
}

const published = (checkpoint: string, version = ''): StepOutcome<StepKind.PUBLISH> => ({
  ...{ result: { checkpoint, version }, usage: ResourceUsage.fromPartial({}), artifacts: {} },
});

/** Work that notes how often it is done. */
function counted<Outcome>(give: () => Promise<Outcome>) {
  const seen = { times: 0 };
  const work = (): Promise<Outcome> => {
    seen.times += 1;
    return give();
  };
  return { seen, work };
}

describe('a step', () => {
  it('whose row is finished is not done again, in another life of the process either, and gives what it gave', async () => {
    const run = await runs.addRun();
    const { seen, work } = counted(() => sampled(5n, 'a', 'b'));
    const journal = await runs.openJournal(run);
    const outcome = await journal.step(SAMPLE, { work });
    expect(outcome).toEqual(await sampled(5n, 'a', 'b'));
    expect(await journal.step(SAMPLE, { work })).toEqual(outcome);
    expect(await (await runs.openJournal(run)).step(SAMPLE, { work })).toEqual(outcome);
    expect(seen.times).toBe(1);
    expect(await runs.eventsOf(run)).toEqual(['stepStarted', 'stepFinished']);
    expect(await spendingOf(run)).toMatchObject({
      tokens: 5n,
      peakMemoryBytes: 50n,
      diskBytes: await bytesOf(outcome),
    });
  });

  it('that failed is done again, and nothing but its beginning is kept of the first try', async () => {
    const run = await runs.addRun();
    const broken = (): Promise<never> => Promise.reject(new Error('broken'));
    await expect((await runs.openJournal(run)).step(SAMPLE, { work: broken })).rejects.toThrow('broken');
    expect(await findStep(runs.database, run.id, SAMPLE)).toMatchObject({ outcome: undefined, endTime: undefined });
    expect(await spendingOf(run)).toMatchObject({ tokens: 0n, diskBytes: 0n });
    const { seen, work } = counted(() => sampled(5n, 'a'));
    await (await runs.openJournal(run)).step(SAMPLE, { work });
    expect(seen.times).toBe(1);
    expect(await runs.eventsOf(run)).toEqual(['stepStarted', 'stepStarted', 'stepFinished']);
  });

  it('of another kind under its name is refused, whether the one before it is finished or not', async () => {
    const refusal = { code: 'INTERNAL', message: expect.stringMatching(/^step sample of iteration 1 is a .*SAMPLE/) };
    const changed = { ...SAMPLE, kind: StepKind.PUBLISH } as const;
    for (const give of [() => sampled(1n, 'a'), () => Promise.reject(new Error('broken'))]) {
      const run = await runs.addRun();
      await (await runs.openJournal(run)).step(SAMPLE, { work: give }).catch(() => undefined);
      const { seen, work } = counted(async () => published('checkpoints/x'));
      await expect((await runs.openJournal(run)).step(changed, { work })).rejects.toMatchObject(refusal);
      expect(seen.times).toBe(0);
    }
  });

  it('keeps the result of what is written with it in place of its own', async () => {
    const run = await runs.addRun();
    const work = async () => published('checkpoints/x');
    const effectsOf = () => ({ write: async () => ({ checkpoint: 'checkpoints/x', version: 'models/m/versions/7' }) });
    const kept = await (await runs.openJournal(run)).step(PUBLISH, { work, effectsOf });
    expect(kept.result).toEqual({ checkpoint: 'checkpoints/x', version: 'models/m/versions/7' });
    expect((await (await runs.openJournal(run)).step(PUBLISH, { work })).result).toEqual(kept.result);
    const { steps } = await iterationOf(runs.database, run.id, 1);
    expect(steps).toMatchObject([{ state: StepState.FINISHED, result: { $case: 'publish', value: kept.result } }]);
  });

  it('keeps its own result where what is written with it gives none', async () => {
    const run = await runs.addRun();
    const work = async () => published('checkpoints/x', 'own');
    const effectsOf = () => ({ write: async () => undefined });
    expect((await (await runs.openJournal(run)).step(PUBLISH, { work, effectsOf })).result.version).toBe('own');
  });

  it('is finished together with its checkpoint, its events and its spending, or not at all', async () => {
    const run = await runs.addRun();
    const trained = (letter: string): StepOutcome<StepKind.TRAIN> => ({
      result: TrainResponse.fromPartial({ checkpoint: { name: checkpointName(letter) } }),
      usage: ResourceUsage.fromPartial({ tokens: 9n }),
      artifacts: {},
    });
    const checkpoint = Checkpoint.fromPartial({ name: checkpointName('made'), run: `runs/${run.id}`, sizeBytes: 64n });
    const effects = { checkpoint, warnings: ['one', 'two'], endsIteration: true };
    const broken = { ...effects, write: () => Promise.reject(new Error('no space')) };
    const journal = await runs.openJournal(run);
    const work = async () => trained('made');
    await expect(journal.step(TRAIN, { work, effectsOf: () => broken })).rejects.toThrow('no space');
    const registered = () =>
      runs.database.selectFrom('run_checkpoints').selectAll().where('run_id', '=', run.id).execute();
    expect(await registered()).toEqual([]);
    expect((await findStep(runs.database, run.id, TRAIN))!.outcome).toBeUndefined();
    expect(await runs.eventsOf(run)).toEqual(['stepStarted']);
    expect(await spendingOf(run)).toMatchObject({ tokens: 0n, diskBytes: 0n });
    await (await runs.openJournal(run)).step(TRAIN, { work, effectsOf: () => effects });
    expect(await registered()).toHaveLength(1);
    expect((await runs.eventsOf(run)).slice(2)).toEqual(['stepFinished', 'warning', 'warning', 'iterationFinished']);
    expect(await spendingOf(run)).toMatchObject({ tokens: 9n, diskBytes: 64n });
    const [ended] = (await listEvents(runs.database, run.id, 5, 1)).map(({ event }) => event!);
    const steps = [{ name: 'train', warnings: ['one', 'two'] }];
    expect(ended!.value).toMatchObject({ index: 1, checkpoint: checkpointName('made'), steps });
  });

  it('that was finished while its work went on is not finished twice: the first outcome holds', async () => {
    const run = await runs.addRun();
    const first = await runs.openJournal(run);
    const work = async () => {
      await first.step(SAMPLE, { work: () => sampled(5n, 'a') });
      return sampled(7n, 'b', 'c');
    };
    const outcome = await (await runs.openJournal(run)).step(SAMPLE, { work });
    expect(outcome).toEqual(await sampled(5n, 'a'));
    expect(await spendingOf(run)).toMatchObject({ tokens: 5n, diskBytes: await bytesOf(outcome) });
    expect((await runs.eventsOf(run)).filter((event) => event === 'stepFinished')).toHaveLength(1);
  });
});

describe('shards', () => {
  it('that are done are not done again, in another life of the process either', async () => {
    const run = await runs.addRun();
    const { seen, work } = counted(() => sampled(5n, 'a'));
    await (await runs.openJournal(run)).shard(SAMPLE, 0, work);
    const later = await runs.openJournal(run);
    await later.shard(SAMPLE, 0, work);
    expect(seen.times).toBe(1);
    await later.shard(SAMPLE, 3, work);
    expect(seen.times).toBe(2);
    expect(await later.shards(SAMPLE)).toHaveLength(2);
  });

  it('go with their step, and their tokens and bytes are counted once', async () => {
    const run = await runs.addRun();
    const parts = [await sampled(5n, 'a', 'b'), await sampled(7n, 'c')];
    const journal = await runs.openJournal(run);
    const joined = await sampled(12n, 'a', 'b', 'c');
    const work = async (): Promise<StepOutcome<StepKind.SAMPLE>> => {
      // In whichever order they are finished.
      for (const index of [1, 0]) await journal.shard(SAMPLE, 2 * index, async () => parts[index]!);
      const kept = await journal.shards(SAMPLE);
      expect(kept.map(({ artifacts }) => artifacts)).toEqual(parts.map(({ artifacts }) => artifacts));
      const bytes = (await bytesOf(parts[0]!)) + (await bytesOf(parts[1]!));
      expect(await spendingOf(run)).toMatchObject({ tokens: 12n, diskBytes: bytes });
      return joined;
    };
    const outcome = await journal.step(SAMPLE, { work, hasShards: true });
    expect(outcome.usage.tokens).toBe(12n);
    expect(await listShards(runs.database, run.id, SAMPLE)).toEqual([]);
    expect(await spendingOf(run)).toMatchObject({ tokens: 12n, diskBytes: await bytesOf(joined) });
  });

  it('have the time since the one before them, so that together they have the time that passed', async () => {
    const run = await runs.addRun();
    const started = performance.now();
    const journal = await runs.openJournal(run);
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return sampled(1n, 'a');
    };
    await Promise.all([0, 1, 2].map((firstRow) => journal.shard(SAMPLE, firstRow, slow)));
    const passed = (performance.now() - started) / 1000;
    const seconds = (await journal.shards(SAMPLE)).reduce((sum, { usage }) => sum + usage.seconds, 0);
    expect(seconds).toBeLessThanOrEqual(passed);
    expect(seconds).toBeGreaterThanOrEqual(0.045);
    expect((await spendingOf(run)).seconds).toBeCloseTo(seconds, 6);
  });
});

describe('a budget', () => {
  it.each([
    ['tokens', { tokens: 5n }, /5 of 5 tokens/],
    ['bytes', { diskBytes: 1n }, /of 1 bytes in the store/],
  ])('of %s counts finished shards, and lets no further step or shard begin', async (_what, budget, message) => {
    const run = await runs.addRun({ budget });
    const refusal = { reason: 'BUDGET_EXCEEDED', message: expect.stringMatching(message) };
    const journal = await runs.openJournal(run);
    await journal.shard(SAMPLE, 0, () => sampled(5n, 'a'));
    for (const life of [journal, await runs.openJournal(run)]) {
      const { seen, work } = counted(() => sampled(5n, 'b'));
      await expect(life.shard(SAMPLE, 1, work)).rejects.toMatchObject(refusal);
      await expect(life.step(SAMPLE, { work })).rejects.toMatchObject(refusal);
      expect(seen.times).toBe(0);
    }
  });

  it('that is used up does not keep what it made from being published', async () => {
    const run = await runs.addRun({ budget: { tokens: 5n } });
    const journal = await runs.openJournal(run);
    await journal.step(SAMPLE, { work: () => sampled(5n, 'a') });
    const kept = await journal.step(PUBLISH, { isFree: true, work: async () => published('checkpoints/x') });
    expect(kept.result.checkpoint).toBe('checkpoints/x');
  });
});
