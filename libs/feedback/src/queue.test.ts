import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ListFeedbackItemsRequest,
  PreferenceChoice,
  Prompt,
  SubmitFeedbackRequest,
  type FeedbackItem,
  type ProblemComparisons,
} from '@hone/contracts';
import { openDatabase, type OpenDatabase } from '@hone/database';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  askItems,
  comparisonRows,
  finishedOf,
  getFeedbackProgress,
  listFeedbackItems,
  nextItem,
  progressOf,
  skipItem,
  submitFeedback,
  withdrawOpen,
  type NewItem,
} from './index.ts';

const { A, B, TIE } = PreferenceChoice;
const STEP = { runId: 'run-1', iteration: 1, step: 'feedback' };

let root: string;
let open: OpenDatabase;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'hone-feedback-'));
  open = await openDatabase({ stateDir: path.join(root, 'state') });
}, 60_000);

afterAll(async () => {
  await open.close();
  await rm(root, { recursive: true, force: true });
});

async function addRun(id: string): Promise<void> {
  const now = new Date();
  const state = { state: 'RUN_STATE_RUNNING', attempt: 0, last_event: 0, code_version: 'test', spec: '{}' };
  const row = { id, ...state, request_id: null, create_time: now, update_time: now };
  await open.database.insertInto('runs').values(row).execute();
}

beforeEach(async () => {
  await sql`truncate runs restart identity cascade`.execute(open.database);
  await addRun('run-1');
});

const itemOf = (problemId: string): NewItem => ({
  problemId,
  prompt: Prompt.fromPartial({ id: problemId, content: { $case: 'text', value: `${problemId}?` } }),
  ...{ a: 4, b: 2, aText: 'four', bText: 'two' },
});

const ask = (problems: readonly string[], { annotators = 1, skips = 1, step = STEP } = {}): Promise<void> =>
  askItems(open.database, step, problems.map(itemOf), {
    ...{ from: 0, annotatorsPerItem: annotators, skipsToDrop: skips },
  });

const next = async (annotator: string, { run = '', leaseSeconds = 0 } = {}): Promise<FeedbackItem | undefined> =>
  (await nextItem(open.database, { run, annotator, leaseSeconds })).item;

const judge = (item: string, annotator: string, choice = A, comment = ''): Promise<FeedbackItem> =>
  submitFeedback(open.database, SubmitFeedbackRequest.fromPartial({ item, annotator, choice, comment }));

const skip = (item: string, annotator: string): Promise<FeedbackItem> => skipItem(open.database, { item, annotator });

/** Lets all leases lapse. */
const lapse = async (): Promise<void> =>
  void (await sql`update feedback_slots set lease_until = now() - interval '1 second' where lease_until is not null`.execute(
    open.database,
  ));

async function rows(): Promise<ProblemComparisons[]> {
  const all: ProblemComparisons[] = [];
  for await (const row of comparisonRows(open.database, STEP)) all.push(row);
  return all;
}

describe('leases', () => {
  test('items come in the order of asking, and to an annotator who has one the same again', async () => {
    await ask(['p', 'q']);
    const first = await next('ann');
    expect(first).toMatchObject({
      ...{ run: 'runs/run-1', iteration: 1, problemId: 'p', aText: 'four', bText: 'two', judgements: [] },
      prompt: { content: { value: 'p?' } },
    });
    expect((await next('ann'))!.name).toBe(first!.name);
    expect((await next('bob'))!.problemId).toBe('q');
    expect(await next('cid')).toBeUndefined();
  });

  test('a lease that lapsed gives the item to somebody else, and the first one is refused', async () => {
    await ask(['p']);
    const { name } = (await next('ann'))!;
    await lapse();
    expect((await next('bob'))!.name).toBe(name);
    await expect(judge(name, 'ann')).rejects.toMatchObject({ reason: 'NOT_LEASED' });
    expect((await judge(name, 'bob')).state).toBe('FEEDBACK_ITEM_STATE_JUDGED');
    await expect(judge(name, 'ann')).rejects.toMatchObject({ reason: 'ITEM_CLOSED' });
  });

  test('a judgement under a lease that lapsed counts while nobody else was asked', async () => {
    await ask(['p']);
    const { name } = (await next('ann'))!;
    await lapse();
    expect((await judge(name, 'ann', B)).judgements).toEqual([{ annotator: 'ann', choice: B, comment: '' }]);
    expect(await next('bob')).toBeUndefined();
  });

  test('a lease is as long as it is asked for, by the clock of the database', async () => {
    await ask(['p']);
    const { leaseExpireTime } = (await next('ann', { leaseSeconds: 3600 }))!;
    const { rows: clock } = await sql<{ now: Date }>`select now() as now`.execute(open.database);
    const seconds = (leaseExpireTime!.getTime() - clock[0]!.now.getTime()) / 1000;
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThanOrEqual(3600);
  });
});

describe('several annotators', () => {
  test('at once, every slot goes to one of them, and nobody has two items', async () => {
    await ask(['p', 'q', 'r', 's', 't'], { annotators: 2 });
    // Each asks twice.
    const names = Array.from({ length: 20 }, (_, index) => `annotator ${index % 10}`);
    const taken = await Promise.all(names.map(async (name) => [name, (await next(name))!.name] as const));
    expect(new Set(taken.map((pair) => pair.join())).size).toBe(10);
    const items = [...new Map(taken).values()].sort();
    expect(items).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5].map((number) => `feedbackItems/${number}`));
    expect(await next('another')).toBeUndefined();
  });

  test('each says one thing of an item, which is done when as many said something as were asked for', async () => {
    await ask(['p'], { annotators: 2 });
    const { name } = (await next('ann'))!;
    expect((await judge(name, 'ann', A)).state).toBe('FEEDBACK_ITEM_STATE_OPEN');
    expect(await next('ann')).toBeUndefined();
    expect((await next('bob'))!.judgements).toEqual([]);
    expect((await judge(name, 'bob', TIE)).state).toBe('FEEDBACK_ITEM_STATE_JUDGED');
  });

  test('the judgements that are kept do not tell who was first', async () => {
    await ask(['p', 'q'], { annotators: 2 });
    for (const annotator of ['bob', 'Ann']) {
      for (let item = await next(annotator); item; item = await next(annotator)) await judge(item.name, annotator);
    }
    const judgements = ['Ann', 'bob'].map((annotator) => ({ annotator, choice: A, comment: '' }));
    const comparisons = [{ a: 4, b: 2, judgements }];
    expect(await rows()).toEqual([
      { problemId: 'p', comparisons },
      { problemId: 'q', comparisons },
    ]);
  });
});

test('what is said is told by problem, however many items there are', async () => {
  await ask(Array.from({ length: 600 }, (_, index) => `p${Math.floor(index / 3)}`));
  const all = await rows();
  expect(all.map(({ problemId }) => problemId)).toEqual(Array.from({ length: 200 }, (_, index) => `p${index}`));
  expect(all.every(({ comparisons }) => comparisons.length === 3)).toBe(true);
});

test('a judgement may be sent twice, but not changed', async () => {
  await ask(['p'], { annotators: 2 });
  const { name } = (await next('ann'))!;
  const first = await judge(name, 'ann', B, 'clearer');
  expect(await judge(name, 'ann', B, 'clearer')).toEqual(first);
  await expect(judge(name, 'ann', A)).rejects.toMatchObject({ reason: 'ALREADY_JUDGED' });
  await expect(skip(name, 'ann')).rejects.toMatchObject({ reason: 'ALREADY_JUDGED' });
});

test('what somebody skipped goes to others, until as many skipped it as may', async () => {
  await ask(['p'], { skips: 2 });
  const { name } = (await next('ann'))!;
  const skipped = await skip(name, 'ann');
  expect(skipped.state).toBe('FEEDBACK_ITEM_STATE_OPEN');
  expect(await skip(name, 'ann')).toEqual(skipped);
  expect(await next('ann')).toBeUndefined();
  await expect(skip(name, 'bob')).rejects.toMatchObject({ reason: 'NOT_LEASED' });
  await next('bob');
  expect((await skip(name, 'bob')).state).toBe('FEEDBACK_ITEM_STATE_DROPPED');
  expect(await next('cid')).toBeUndefined();
  expect(await rows()).toEqual([{ problemId: 'p', comparisons: [{ a: 4, b: 2, judgements: [] }] }]);
});

test('items that are asked again stay as they are, and what is withdrawn can be judged no more', async () => {
  await ask(['p', 'q']);
  const { name } = (await next('ann'))!;
  await judge(name, 'ann');
  await ask(['p', 'q']);
  expect(await finishedOf(open.database, STEP)).toEqual({ finished: 1, items: 2 });
  const second = (await next('ann'))!;
  await withdrawOpen(open.database, STEP);
  await expect(judge(second.name, 'ann')).rejects.toMatchObject({ reason: 'ITEM_CLOSED' });
  const { items } = await listFeedbackItems(open.database, ListFeedbackItemsRequest.fromPartial({ run: 'runs/run-1' }));
  expect(items.map(({ state, judgements }) => [state, judgements.length])).toEqual([
    ['FEEDBACK_ITEM_STATE_JUDGED', 1],
    ['FEEDBACK_ITEM_STATE_WITHDRAWN', 0],
  ]);
});

test('items of one run alone where that is asked, and none of a run that was given up', async () => {
  await addRun('run-2');
  await ask(['p']);
  await ask(['q'], { step: { ...STEP, runId: 'run-2' } });
  expect((await next('ann', { run: 'runs/run-2' }))!.problemId).toBe('q');
  await sql`update runs set state = 'RUN_STATE_CANCELLED' where id = 'run-1'`.execute(open.database);
  expect(await next('bob')).toBeUndefined();
});

test('progress tells of items, of judgements that are wanted, and of agreement', async () => {
  await ask(['p', 'q', 'r', 's'], { annotators: 2 });
  for (const [annotator, choices] of [
    ['ann', [A, A, B]],
    ['bob', [A, B, B]],
  ] as const)
    for (const choice of choices) await judge((await next(annotator))!.name, annotator, choice);
  await next('cid');
  expect(await getFeedbackProgress(open.database, { run: 'runs/run-1' })).toEqual({
    ...{ items: 4, judged: 3, dropped: 0, withdrawn: 0, open: 1, wanted: 2, leased: 1, skips: 0 },
    ...{ judgements: 6, annotators: 2 },
    // Six labels, three of each kind: chance lets 18 of 30 ordered pairs differ, and a third of the pairs that were judged do.
    agreement: { comparisons: 3, share: expect.closeTo(2 / 3), alpha: expect.closeTo(1 - 1 / 3 / (18 / 30)) },
  });
  expect((await progressOf(open.database, { ...STEP, step: 'another' })).items).toBe(0);
});

test('wrong requests are named by field', async () => {
  const fields = async (call: Promise<unknown>): Promise<string[]> => {
    const thrown = (await call.catch((error: unknown) => error)) as { violations: { field: string }[] };
    return thrown.violations.map(({ field }) => field);
  };
  expect(await fields(nextItem(open.database, { run: '', annotator: ' ', leaseSeconds: 0.5 }))).toEqual([
    'annotator',
    'lease_seconds',
  ]);
  expect(await fields(next('ann', { run: 'run-1' }))).toEqual(['run']);
  expect(await fields(judge('feedbackItems/0', 'ann'))).toEqual(['item']);
  expect(await fields(judge('feedbackItems/1', '', PreferenceChoice.UNSPECIFIED, 'x'.repeat(2001)))).toEqual([
    ...['annotator', 'choice', 'comment'],
  ]);
  await expect(judge('feedbackItems/9', 'ann')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(next('ann', { run: 'runs/none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('texts that the database cannot hold are asked all the same', async () => {
  await askItems(open.database, STEP, [{ ...itemOf('p'), aText: 'a\0b' }], {
    ...{ from: 0, annotatorsPerItem: 1, skipsToDrop: 1 },
  });
  expect((await next('ann'))!.aText).toBe('a\ufffdb');
});
