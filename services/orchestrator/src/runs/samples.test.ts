import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  ListPairsRequest,
  ListSamplesRequest,
  artifactsOf,
  messageOf,
  resultOf,
  SampleOutcome,
  type PartialMessage,
  type Sample,
  type SamplePair,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.hooks.before = async () => undefined;
});

const page = (request: PartialMessage<ListSamplesRequest>) =>
  callUnary(platform.client, 'listSamples', messageOf(ListSamplesRequest, request));
const pageOfPairs = (request: PartialMessage<ListPairsRequest>) =>
  callUnary(platform.client, 'listPairs', messageOf(ListPairsRequest, request));

/** All pages. */
async function all(request: PartialMessage<ListSamplesRequest>): Promise<Sample[]> {
  const found: Sample[] = [];
  for (let pageToken = ''; ;) {
    const { samples, nextPageToken } = await page({ ...request, pageToken });
    found.push(...samples);
    if (nextPageToken === '') return found;
    pageToken = nextPageToken;
  }
}

const keyOf = ({ problem, completion }: Sample): string => `${problem!.id}#${completion!.sampleIndex}`;

describe('the samples of a run', () => {
  let run: string;
  beforeAll(async () => {
    run = (await platform.createRun((it) => void (it.problemsPerShard = 3))).name;
    await platform.watch(run);
  });

  it('are those of its latest iteration, in order, with all that is known of them', async () => {
    const samples = await all({ run });
    expect(samples).toHaveLength(40);
    const ids = samples.map(({ problem }) => Number(problem!.id.slice(1)));
    expect(ids).toEqual([...ids].sort((left, right) => left - right));
    expect(samples.map(({ completion }) => completion!.sampleIndex)).toEqual(samples.map((_, index) => index % 4));
    const { iterations } = await platform.getRun(run);
    for (const { iteration, problem, completion, verdict, outcome } of samples) {
      expect(iteration).toBe(2);
      expect(problem).toMatchObject({ gold: '1', prompt: { id: problem!.id } });
      expect(completion).toMatchObject({ checkpoint: iterations[1]!.checkpoint, promptId: problem!.id });
      expect(completion!.seed).toBeGreaterThan(0n);
      expect(verdict).toMatchObject({ id: `${problem!.id}#${completion!.sampleIndex}`, scorerVersion: '7' });
      const isRight = completion!.text === '#### 1';
      expect(outcome).toBe(isRight ? SampleOutcome.RIGHT : SampleOutcome.WRONG);
    }
  });

  it.each([1, 3, 7, 1000])('come in pages of %i that together are all of them', async (pageSize) => {
    const whole = await all({ run, iteration: 1 });
    expect((await all({ run, iteration: 1, pageSize })).map(keyOf)).toEqual(whole.map(keyOf));
  });

  it('are the same where a page is asked for again, or by another reader', async () => {
    const first = await page({ run, pageSize: 5 });
    const next = { run, pageSize: 5, pageToken: first.nextPageToken };
    const [once, again] = [await page(next), await page(next)];
    expect(again).toEqual(once);
  });

  it('are filtered by outcome, problem and text', async () => {
    const whole = await all({ run });
    const wrong = await all({ run, outcomes: [SampleOutcome.WRONG] });
    const right = await all({ run, outcomes: [SampleOutcome.RIGHT], pageSize: 2 });
    expect(wrong.every(({ verdict }) => verdict!.score === 0)).toBe(true);
    expect(wrong.length + right.length).toBe(whole.length);
    expect(wrong.length).toBeGreaterThan(0);
    const both = await all({ run, outcomes: [SampleOutcome.WRONG, SampleOutcome.RIGHT] });
    expect(both.map(keyOf)).toEqual(whole.map(keyOf));
    expect(await all({ run, outcomes: [SampleOutcome.TRUNCATED, SampleOutcome.PENDING] })).toEqual([]);
    const problemId = whole[9]!.problem!.id;
    expect((await all({ run, problemId, pageSize: 3 })).map(keyOf)).toEqual(
      whole.filter(({ problem }) => problem!.id === problemId).map(keyOf),
    );
    expect((await all({ run, search: '## 2' })).map(keyOf)).toEqual(wrong.map(keyOf));
    expect(await all({ run, search: '%' })).toEqual([]);
  });

  it.each<[PartialMessage<ListSamplesRequest>, string, RegExp]>([
    [{ run: 'x' }, 'INVALID_ARGUMENT', /^run: must be a name/],
    [{ run: 'runs/none' }, 'NOT_FOUND', /runs\/none not found/],
    [{ iteration: -1 }, 'INVALID_ARGUMENT', /^iteration: must be from 0 to the run's 2, but is -1/],
    [{ iteration: 3 }, 'INVALID_ARGUMENT', /^iteration: must be from 0 to the run's 2/],
    [{ pageSize: -1 }, 'INVALID_ARGUMENT', /^page_size: /],
    [{ pageSize: 1001 }, 'INVALID_ARGUMENT', /^page_size: /],
    [{ pageToken: 'nonsense' }, 'INVALID_ARGUMENT', /^page_token: /],
    [{ outcomes: [SampleOutcome.UNSPECIFIED] }, 'INVALID_ARGUMENT', /^outcomes\[0\]: /],
    [{ search: 'long '.repeat(201) }, 'INVALID_ARGUMENT', /^search: /],
  ])('refuse (%#) what breaks a rule', async (request, code, message) => {
    await expect(page({ run, ...request })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('have page tokens that are of use for the same question only', async () => {
    const { nextPageToken: pageToken } = await page({ run, pageSize: 1 });
    await expect(page({ run, pageToken, search: '1' })).rejects.toThrow(/^page_token: belongs to another list/);
  });
});

describe('the samples of a run that is under way', () => {
  /** Runs until the n-th call of a name, looks, and goes on. */
  async function lookAt(call: string, n: number, seed: bigint): Promise<Sample[]> {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let count = 0;
    const reached = new Promise<void>((resolve) => {
      platform.hooks.before = async (name) => {
        if (name !== call || ++count < n) return;
        resolve();
        await released;
      };
    });
    const { name } = await platform.createRun((it) => {
      settingsOf(it)['iterations'] = 1;
      Object.assign(it, { problemsPerShard: 3, seed });
    });
    await reached;
    await expect.poll(async () => (await all({ run: name })).length).toBeGreaterThan(0);
    const samples = await all({ run: name });
    platform.hooks.before = async () => undefined;
    release();
    await platform.watch(name);
    return samples;
  }

  it('are those of its finished shards, not judged yet', async () => {
    const samples = await lookAt('sample', 3, 31n);
    expect([12, 24]).toContain(samples.length);
    expect(samples.every(({ outcome, verdict }) => outcome === SampleOutcome.PENDING && !verdict)).toBe(true);
  });

  it('have verdicts as far as they are judged', async () => {
    const samples = await lookAt('score', 3, 32n);
    expect(samples).toHaveLength(40);
    const pending = samples.filter(({ outcome }) => outcome === SampleOutcome.PENDING);
    expect(pending.length).toBeGreaterThanOrEqual(16);
  });
});

describe('the pairs of a run', () => {
  async function pairsOf(request: PartialMessage<ListPairsRequest>): Promise<SamplePair[]> {
    const found: SamplePair[] = [];
    for (let pageToken = ''; ;) {
      const { pairs, nextPageToken } = await pageOfPairs({ ...request, pageToken });
      found.push(...pairs);
      if (nextPageToken === '') return found;
      pageToken = nextPageToken;
    }
  }

  it('are those that it trained on: a right and a wrong sample of one problem, with their texts', async () => {
    const { name: run } = await platform.createRun();
    expect(await pairsOf({ run })).toEqual([]);
    await platform.watch(run);
    const pairs = await pairsOf({ run, iteration: 1 });
    const { iterations } = await platform.getRun(run);
    expect(pairs).toHaveLength(resultOf(iterations[1]!, 'build')!.report!.pairs);
    for (const { chosen, rejected } of pairs) {
      expect([chosen!.outcome, rejected!.outcome]).toEqual([SampleOutcome.RIGHT, SampleOutcome.WRONG]);
      expect([chosen!.completion!.text, rejected!.completion!.text]).toEqual(['#### 1', '#### 2']);
      expect(chosen!.problem!.id).toBe(rejected!.completion!.promptId);
    }
    expect(await pairsOf({ run, iteration: 1, pageSize: 1 })).toEqual(pairs);
    const problemId = pairs[2]!.chosen!.problem!.id;
    expect(await pairsOf({ run, iteration: 1, problemId })).toEqual([pairs[2]]);
    await expect(pageOfPairs({ run, iteration: 9 })).rejects.toThrow(/^iteration: /);
  });
});

it('rows that are gone are named by what they are, not by where they lay', async () => {
  const { name: run } = await platform.createRun((it) => void (it.seed = 51n));
  await platform.watch(run);
  const digest = artifactsOf((await platform.getRun(run)).iterations[2]!)['verdicts']!;
  await rm(path.join(platform.root, 'store', 'rows', `${digest}.jsonl.gz`));
  await expect(page({ run })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'the verdicts of iteration 2 not found: its rows are gone from the store',
  });
});
