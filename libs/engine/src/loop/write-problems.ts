import { Readable } from 'node:stream';
import { JudgedProblem, Problem, WriteResult, type StepKind } from '@hone/contracts';
import { rowsRefOf } from '@hone/datasets';
import type { WriteJob } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import { drawCompletions, type Drawing } from './draw-completions.ts';
import { drawProblems, problemSetOf } from './problem-draw.ts';
import { joinRows } from './join-rows.ts';
import { newProblems } from './new-problems.ts';
import { problemRequests, type ProblemRequest } from './problem-requests.ts';
import { seedOf, seedOfStep } from './seeds.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { progressOf, UsageSum, type StepContext } from './step-context.ts';

type WriteContext = StepContext<StepKind.WRITE>;
type WriteOutcome = StepOutcome<StepKind.WRITE>;

/**
 * Has a checkpoint write new problems, shard by shard, as Self-Rewarding Language Models do by few-shot prompts (arXiv 2401.10020, section
 * 2.2). The stored rows are the problems that are drawn for the iteration, and behind them the new ones, in the order of their requests.
 */
export async function writeProblems(
  context: WriteContext,
  checkpoint: string,
  { settings, problems_per_iteration: count }: WriteJob,
): Promise<WriteOutcome> {
  const { spec, store, key, journal, services } = context;
  const seed = seedOfStep(spec.seed, key, 'examples');
  const idPrefix = `${key.name}-${key.iteration}-`;
  const requests = await problemRequests(store, problemSetOf(spec), { settings, idPrefix, seed });
  const shards = shardsOf(Readable.from(requests), shardSizeOf(spec, 1));
  const drawing: Drawing = {
    ...{ checkpoint, n: 1, seed: seedOfStep(spec.seed, key, 'write') },
    sampling: { ...settings, stop: [settings.separator.trim() || settings.separator] },
    count: progressOf(context, requests.length, 'completions'),
  };
  const capacity = (): number => services.capacityOf('sampler').capacity;
  await forEachShard(shards, { ...context, capacity }, ({ firstRow, items }, signal) =>
    journal.shard(key, firstRow, () => storeWritten({ ...context, signal }, items, drawing)),
  );
  return joinShards(context, requests, count);
}

/** Stores a shard of what is written, as it comes. */
async function storeWritten(
  context: WriteContext,
  requests: readonly ProblemRequest[],
  drawing: Drawing,
): Promise<WriteOutcome> {
  const prompts = requests.map(({ prompt }) => prompt);
  const { problems, usage } = await drawCompletions(context, prompts, drawing);
  const rows = problems.map((problem) => JudgedProblem.toJSON(problem) as object);
  const stored = await context.store.putJsonLines(rows, { signal: context.signal });
  const result = WriteResult.fromPartial({ asked: stored.count });
  return { result, usage, artifacts: { written: rowsRefOf('completions', stored) } };
}

/** What was written as one artifact, and the iteration's problems as another. */
async function joinShards(
  context: WriteContext,
  requests: readonly ProblemRequest[],
  count: number,
): Promise<WriteOutcome> {
  const { store, spec, journal, key, signal } = context;
  const usage = new UsageSum();
  const shards = await journal.shards(key);
  for (const shard of shards) usage.addShard(shard.usage);
  const written = await joinRows(context, shards, { kind: 'completions', use: 'written' });
  const known = store.readJsonLines(problemSetOf(spec));
  const { problems, result } = await newProblems(store.readJsonLines(written.digest), requests, known);
  const drawn = await drawProblems(store, problemSetOf(spec), {
    ...{ count, seed: seedOf(spec.seed, key.iteration, 'problems'), most: 0 },
    treat: () => ({ weight: 1, samples: 1 }),
  });
  async function* rows(): AsyncGenerator<object> {
    for await (const { problem } of drawn.problems()) yield Problem.toJSON(problem) as object;
    for (const problem of problems) yield Problem.toJSON(problem) as object;
  }
  const set = await store.putJsonLines(rows(), { signal });
  return { result, usage: usage.total(), artifacts: { written, problems: rowsRefOf('problems', set) } };
}
