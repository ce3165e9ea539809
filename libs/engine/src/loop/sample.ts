import {
  FinishReason,
  JudgedProblem,
  Problem,
  SampleResult,
  StepKind,
  unpackInt32,
  type Completion,
} from '@hone/contracts';
import { rowsRefOf } from '@hone/datasets';
import type { Hinted, RowsRef, SampleSettings } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import type { Look } from './difficulty.ts';
import { drawCompletions, type Drawing, type Drawn } from './draw-completions.ts';
import { drawHinted } from './hinted-draw.ts';
import { drawIteration, mostSamplesOf, type IterationDraw } from './iteration-draw.ts';
import type { DrawnProblem } from './problem-draw.ts';
import { joinRows } from './join-rows.ts';
import { seedOfStep } from './seeds.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { progressOf, UsageSum, type StepContext } from './step-context.ts';

type SampleOutcome = StepOutcome<StepKind.SAMPLE>;

/** What is sampled, and from where. */
export interface SampleJob {
  readonly checkpoint: string;
  readonly settings: SampleSettings;
  /** Only problems that were not solved, each with a hint in its prompt. */
  readonly hinted?: Hinted | undefined;
  /** All of these; absent means problems that are drawn for the iteration. */
  readonly problems?: RowsRef<'problems'> | undefined;
  /** What tells how hard problems are, the latest iteration's first. */
  readonly looks: readonly Look[];
}

/**
 * Samples from a checkpoint, shard by shard. The stored rows are JudgedProblems without verdicts, in the order of the problem set,
 * each with its completions by sample index: the same bytes whatever order the sampler finished them in, and however the
 * problems were cut into shards.
 */
export async function sample(context: StepContext<StepKind.SAMPLE>, job: SampleJob): Promise<SampleOutcome> {
  const { journal, key, spec, store } = context;
  const { checkpoint, settings, problems: given } = job;
  const n = mostSamplesOf(settings);
  const hinted = job.hinted && (await drawHinted(store, spec, job.hinted));
  const all = hinted ?? (given && { count: given.count, problems: () => storedProblems(context, given) });
  const draw = all ? asDraw(all, settings) : await drawIteration(context, settings, job.looks);
  const drawing = {
    ...{ checkpoint, sampling: settings.sampling, seed: seedOfStep(spec.seed, key, 'sample') },
    count: progressOf(context, draw.samples, 'completions'),
  };
  const shards = shardsOf(draw.problems(), shardSizeOf(spec, n));
  const capacity = (): number => context.services.capacityOf('sampler').capacity;
  await forEachShard(shards, { ...context, capacity }, ({ firstRow, items }, signal) => {
    const shard = { ...context, signal };
    return journal.shard(key, firstRow, async () => {
      const { problems, usage } = await samplesOf(shard, items, drawing);
      return storeSamples(shard, n, { problems: hinted ? problems.map(hinted.withoutHint) : problems, usage });
    });
  });
  return joinShards(context, { samplesPerProblem: n, curriculum: draw.curriculum });
}

async function* storedProblems({ store }: StepContext, { digest }: RowsRef<'problems'>): AsyncGenerator<Problem, void> {
  for await (const row of store.readJsonLines(digest)) yield Problem.fromJSON(row);
}

/** Problems that are asked for one by one. */
interface AllOf {
  readonly count: number;
  /** In the order of their set. */
  problems(): AsyncGenerator<Problem, void>;
}

/** Each problem as often as others: who asks for these alone has chosen already. */
const asDraw = ({ count, problems }: AllOf, { samples_per_problem: samples }: SampleSettings): IterationDraw => ({
  ...{ count, samples: count * samples, curriculum: undefined },
  async *problems() {
    for await (const problem of problems()) yield { problem, samples };
  },
});

/** Stores a shard's completions. */
async function storeSamples(
  { store, signal }: StepContext,
  samplesPerProblem: number,
  { problems, usage }: Drawn,
): Promise<SampleOutcome> {
  const completions = problems.flatMap((problem) => problem.completions.map(({ completion }) => completion!));
  const rows = problems.map((problem) => JudgedProblem.toJSON(problem) as object);
  const stored = await store.putJsonLines(rows, { signal });
  const result = {
    problems: stored.count,
    samples: completions.length,
    truncated: completions.filter(isTruncated).length,
    templateDigests: distinct(completions.map(({ templateDigest }) => templateDigest)),
    templateDates: distinct(completions.map(({ templateDate }) => templateDate)),
    samplesPerProblem,
    completionTokens: BigInt(completions.reduce((sum, { tokenIds }) => sum + tokensIn(tokenIds), 0)),
    engines: distinct(completions.map(({ engine }) => engine)),
    weightPrecisions: distinct(completions.map(({ weightPrecision }) => weightPrecision)),
    // Of the step as a whole.
    curriculum: undefined,
  };
  return { result, usage, artifacts: { completions: rowsRefOf('completions', stored) } };
}

const distinct = <Text extends string>(texts: readonly Text[]): Text[] => [...new Set(texts)].filter(Boolean).sort();

/** The shards' rows as one artifact. */
async function joinShards(
  context: StepContext<StepKind.SAMPLE>,
  of: Pick<SampleResult, 'samplesPerProblem' | 'curriculum'>,
): Promise<SampleOutcome> {
  const usage = new UsageSum();
  const shards = await context.journal.shards(context.key);
  const sum = SampleResult.fromPartial(of);
  for (const { result, usage: used } of shards) {
    usage.addShard(used);
    sum.problems += result.problems;
    sum.samples += result.samples;
    sum.truncated += result.truncated;
    sum.completionTokens += result.completionTokens;
    sum.templateDigests = distinct([...sum.templateDigests, ...result.templateDigests]);
    sum.templateDates = distinct([...sum.templateDates, ...result.templateDates]);
    sum.engines = distinct([...sum.engines, ...result.engines]);
    sum.weightPrecisions = distinct([...sum.weightPrecisions, ...result.weightPrecisions]);
  }
  const completions = await joinRows(context, shards, { kind: 'completions' });
  return { result: sum, usage: usage.total(), artifacts: { completions } };
}

const tokensIn = (tokenIds: Uint8Array): number => unpackInt32(tokenIds, 'token_ids').length;

function isTruncated({ finishReason }: Completion): boolean {
  return finishReason === FinishReason.LENGTH;
}

/** Draws the completions of some problems; a drawing has one number of samples, on which what is drawn does not depend. */
async function samplesOf(
  context: StepContext,
  problems: readonly DrawnProblem[],
  drawing: Omit<Drawing, 'n'>,
): Promise<Drawn> {
  const usage = new UsageSum();
  const sampled = new Map<string, JudgedProblem>();
  for (const n of new Set(problems.map(({ samples }) => samples))) {
    const prompts = problems.filter(({ samples }) => samples === n).map(({ problem }) => problem.prompt!);
    const drawn = await drawCompletions(context, prompts, { ...drawing, n });
    usage.add(drawn.usage);
    for (const problem of drawn.problems) sampled.set(problem.problemId, problem);
  }
  return { problems: problems.map(({ problem: { id } }) => sampled.get(id)!), usage: usage.total() };
}
