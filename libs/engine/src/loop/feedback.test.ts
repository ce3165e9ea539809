import {
  FinishReason,
  JudgedProblem,
  messageOf,
  nameOfDigest,
  NextItemRequest,
  PreferenceChoice,
  Problem,
  RunSpec,
  StepKind,
  SubmitFeedbackRequest,
  type StepProgress,
} from '@hone/contracts';
import { nextItem, submitFeedback } from '@hone/feedback';
import type { FeedbackSettings, Samples } from '@hone/recipes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRuns, type TestRuns } from '../testing/test-runs.ts';
import { feedback } from './feedback.ts';
import type { StepContext } from './step-context.ts';

let runs: TestRuns;
beforeAll(async () => void (runs = await openTestRuns()), 60_000);
afterAll(() => runs.close());

const SETTINGS: FeedbackSettings = {
  ...{ comparisons_per_problem: 1, annotators_per_item: 1, skips_to_drop: 1, enough: 1 },
};

/** A feedback step of a new run, over the texts that were sampled of each problem; no text is one that was cut off. */
async function stepOver(samples: readonly (readonly string[])[], ready = false) {
  const { store, database } = runs;
  const problems = samples.map((_, index) => {
    const id = `p${index}`;
    const content = ready
      ? { $case: 'tokenIds' as const, value: Buffer.alloc(4) }
      : { $case: 'text' as const, value: `${id}?` };
    return Problem.toJSON(messageOf(Problem, { id, gold: '1', prompt: { id, content } })) as object;
  });
  const rows = samples.map((texts, index) => {
    const completions = texts.map((text, sampleIndex) => {
      const finishReason = text === '' ? FinishReason.LENGTH : FinishReason.STOP;
      return { completion: { sampleIndex, text: text || 'cut off', finishReason } };
    });
    return JudgedProblem.toJSON(messageOf(JudgedProblem, { problemId: `p${index}`, completions })) as object;
  });
  const trainProblemSet = nameOfDigest('problemSets', (await store.putJsonLines(problems)).digest);
  const { id: runId } = await runs.addRun({ trainProblemSet });
  const completions = { kind: 'completions', version: 1, ...(await store.putJsonLines(rows)) } as const;
  const sampled: Samples = { completions, samples: 0, samplesPerProblem: 0, provenance: {} };
  const told: Partial<StepProgress>[] = [];
  const pausing = new AbortController();
  const context = {
    ...{ runId, iteration: 1, key: { iteration: 1, name: 'feedback', kind: StepKind.FEEDBACK }, store, database },
    spec: RunSpec.fromPartial({ trainProblemSet, seed: 1n }),
    ...{ signal: new AbortController().signal, pausing: pausing.signal },
    whileIdle: <Result>(wait: () => Promise<Result>) => wait(),
    progress: (value: Partial<StepProgress>) => void told.push(value),
  } as unknown as StepContext<StepKind.FEEDBACK>;
  const run = `runs/${runId}`;
  const next = async () => (await nextItem(database, NextItemRequest.fromPartial({ run, annotator: 'ann' }))).item;
  /** Says that A is better of so many items, once they are there. */
  const judge = async (count: number): Promise<void> => {
    for (let done = 0; done < count;) {
      const item = await next();
      if (!item) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      const judgement = { item: item.name, annotator: 'ann', choice: PreferenceChoice.A };
      await submitFeedback(database, SubmitFeedbackRequest.fromPartial(judgement));
      done += 1;
    }
  };
  const start = (settings: Partial<FeedbackSettings> = {}) => feedback(context, sampled, { ...SETTINGS, ...settings });
  return { start, judge, next, told, pausing };
}

async function rowsOf({ digest }: { readonly digest: string }): Promise<object[]> {
  const rows: object[] = [];
  for await (const row of runs.store.readJsonLines<object>(digest)) rows.push(row);
  return rows;
}

test('what people said is stored by problem, and is the same where the step is done again', async () => {
  const { start, judge, told } = await stepOver([
    ['x', 'y'],
    ['x', 'x'],
    ['x', '', 'z'],
  ]);
  const [{ result, artifacts }] = await Promise.all([start(), judge(2)]);
  expect(result).toMatchObject({ problems: 3, problemsWithout: 1, progress: { items: 2, judged: 2, annotators: 1 } });
  const rows = (await rowsOf(artifacts['comparisons']!)) as { problemId: string; comparisons: object[] }[];
  expect(rows.map(({ problemId }) => problemId)).toEqual(['p0', 'p2']);
  const judgements = [{ annotator: 'ann', choice: 'PREFERENCE_CHOICE_A' }];
  expect(rows[0]!.comparisons).toEqual([expect.objectContaining({ judgements })]);
  expect(told.at(-1)).toMatchObject({ done: 2n, total: 2n });
  expect((await start()).artifacts).toEqual(artifacts);
});

test('where enough are judged the others are withdrawn', async () => {
  const { start, judge, next } = await stepOver([
    ['x', 'y'],
    ['x', 'y'],
    ['x', 'y'],
    ['x', 'y'],
  ]);
  const [{ result, artifacts }] = await Promise.all([start({ enough: 0.5 }), judge(2)]);
  expect(result.progress).toMatchObject({ items: 4, judged: 2, withdrawn: 2, open: 0 });
  expect(await next()).toBeUndefined();
  expect(artifacts['comparisons']!.count).toBe(4);
});

test('a pause ends the wait, and what was asked stays', async () => {
  const { start, judge, next, pausing } = await stepOver([['x', 'y']]);
  const waiting = start();
  await expect.poll(next).toBeDefined();
  pausing.abort();
  await expect(waiting).rejects.toMatchObject({ reason: 'PAUSED' });
  await judge(1);
});

test('where people have nothing to compare, or cannot read what was asked, the step says so', async () => {
  const same = await stepOver([
    ['x', 'x'],
    ['y', ''],
  ]);
  await expect(same.start()).rejects.toMatchObject({
    reason: 'NO_COMPARISONS',
    message: expect.stringMatching(/of 2/),
  });
  const tokens = await stepOver([['x', 'y']], true);
  await expect(tokens.start()).rejects.toMatchObject({ reason: 'NO_COMPARISONS' });
});
