import { Readable } from 'node:stream';
import {
  FinishReason,
  JudgedProblem,
  Problem,
  SampleRequest,
  SampleResult,
  StepKind,
  unpackInt32,
  type Completion,
  type ResourceUsage,
} from '@hone/contracts';
import { ROWS_VERSION } from '@hone/datasets';
import { piecesOf } from '@hone/streams';
import type { Hinted, SampleSettings } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import { callService } from './call-service.ts';
import type { Look } from './difficulty.ts';
import { drawHinted, type HintedDraw } from './hinted-draw.ts';
import { drawIteration, mostSamplesOf, type IterationDraw } from './iteration-draw.ts';
import { samplingParams } from './messages.ts';
import type { DrawnProblem } from './problem-draw.ts';
import { badSampler, ProblemSamples } from './problem-samples.ts';
import { seedOfStep } from './seeds.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** Messages are limited to 4 MiB; half of it leaves room for what is not counted. */
const MAX_REQUEST_BYTES = 2 << 20;

type SampleOutcome = StepOutcome<StepKind.SAMPLE>;

/** What is sampled, and from where. */
export interface SampleJob {
  readonly checkpoint: string;
  readonly settings: SampleSettings;
  /** Only problems that were not solved, each with a hint in its prompt. */
  readonly hinted?: Hinted | undefined;
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
  const { settings } = job;
  const n = mostSamplesOf(settings);
  const hinted = job.hinted && (await drawHinted(store, spec, job.hinted));
  const draw = hinted ? asDraw(hinted, settings) : await drawIteration(context, settings, job.looks);
  const progress = new SampleProgress(context, draw.samples);
  const shards = shardsOf(draw.problems(), shardSizeOf(spec, n));
  const capacity = (): number => context.services.capacityOf('sampler').capacity;
  await forEachShard(shards, { ...context, capacity }, ({ firstRow, items }, signal) => {
    const shard = { ...context, signal };
    return journal.shard(key, firstRow, async () => {
      const { problems, usage } = await samplesOf(shard, items, job, progress);
      return storeSamples(shard, n, { problems: hinted ? problems.map(hinted.withoutHint) : problems, usage });
    });
  });
  return joinShards(context, { samplesPerProblem: n, curriculum: draw.curriculum });
}

/** Each problem as often as others: what was not solved is asked for alone already. */
const asDraw = ({ count, problems }: HintedDraw, { samples_per_problem: samples }: SampleSettings): IterationDraw => ({
  ...{ count, samples: count * samples, curriculum: undefined },
  async *problems() {
    for await (const problem of problems()) yield { problem, samples };
  },
});

/** Stores a shard's completions. */
async function storeSamples(
  { store, signal }: StepContext,
  samplesPerProblem: number,
  { problems, usage }: SampledProblems,
): Promise<SampleOutcome> {
  const completions = problems.flatMap((problem) => problem.completions.map(({ completion }) => completion!));
  const rows = problems.map((problem) => JudgedProblem.toJSON(problem) as object);
  const { digest, count } = await store.putJsonLines(rows, { signal });
  const result = {
    problems: count,
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
  return { result, usage, artifacts: { completions: completionRows(digest, count) } };
}

const completionRows = (digest: string, count: number) =>
  ({ kind: 'completions', version: ROWS_VERSION, digest, count }) as const;

const distinct = <Text extends string>(texts: readonly Text[]): Text[] => [...new Set(texts)].filter(Boolean).sort();

/** The shards' rows as one artifact. */
async function joinShards(
  { store, journal, key, signal }: StepContext<StepKind.SAMPLE>,
  of: Pick<SampleResult, 'samplesPerProblem' | 'curriculum'>,
): Promise<SampleOutcome> {
  const usage = new UsageSum();
  const shards = await journal.shards(key);
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
  async function* rows(): AsyncGenerator<object> {
    for (const { artifacts } of shards) yield* store.readJsonLines<object>(artifacts['completions']!.digest);
  }
  const { digest, count } = await store.putJsonLines(rows(), { signal });
  return { result: sum, usage: usage.total(), artifacts: { completions: completionRows(digest, count) } };
}

const tokensIn = (tokenIds: Uint8Array): number => unpackInt32(tokenIds, 'token_ids').length;

function isTruncated({ finishReason }: Completion): boolean {
  return finishReason === FinishReason.LENGTH;
}

interface SampledProblems {
  readonly problems: readonly JudgedProblem[];
  readonly usage: ResourceUsage;
}

/** Draws the completions of some problems, in as few calls as messages allow. */
async function samplesOf(
  context: StepContext,
  problems: readonly DrawnProblem[],
  job: SampleJob,
  progress: SampleProgress,
): Promise<SampledProblems> {
  const usage = new UsageSum();
  const bytesOf = ({ problem }: DrawnProblem): number => Problem.encode(problem).finish().length;
  const sampled = new Map<string, JudgedProblem>();
  // A call has one number of samples. What is drawn does not depend on it.
  for (const n of new Set(problems.map(({ samples }) => samples))) {
    const alike = problems.filter(({ samples }) => samples === n);
    const pieces = piecesOf(Readable.from(alike), { maxItems: Infinity, maxBytes: MAX_REQUEST_BYTES, bytesOf });
    for await (const piece of pieces) {
      const call = (): Promise<SampledPiece> => samplePiece(context, { problems: piece, n }, job, progress);
      const { problems: judged, usage: used } = await callService(context, 'sampler', context.signal, call);
      usage.add(used);
      for (const problem of judged) sampled.set(problem.problemId, problem);
    }
  }
  return { problems: problems.map(({ problem: { id } }) => sampled.get(id)!), usage: usage.total() };
}

/** Problems of one call, and the samples of each. */
interface Piece {
  readonly problems: readonly DrawnProblem[];
  readonly n: number;
}

interface SampledPiece {
  readonly problems: JudgedProblem[];
  readonly usage: ResourceUsage | undefined;
}

/** Draws the completions of some problems in one call; every sample must come exactly once. */
async function samplePiece(
  { spec, services, signal, policy, key }: StepContext,
  { problems, n }: Piece,
  { checkpoint, settings }: SampleJob,
  progress: SampleProgress,
): Promise<SampledPiece> {
  const { timeoutMs } = policy;
  const request = SampleRequest.fromPartial({
    checkpoint,
    prompts: problems.map(({ problem }) => problem.prompt!),
    n,
    sampling: samplingParams(settings.sampling),
    seed: seedOfStep(spec.seed, key, 'sample'),
  });
  const slots = new Map(problems.map(({ problem: { id } }) => [id, new ProblemSamples(id, n)]));
  const slotOf = (id: string): ProblemSamples => {
    const slot = slots.get(id);
    if (!slot) throw badSampler(`answered for prompt "${id}", which was not asked`);
    return slot;
  };
  let usage: ResourceUsage | undefined;
  let counted = 0;
  try {
    for await (const { event } of services.sample(request, { signal, timeoutMs })) {
      if (event?.$case === 'prompt') slotOf(event.value.promptId).promptTokenIds = event.value.tokenIds;
      else if (event?.$case === 'summary') usage = event.value.usage;
      else if (event?.$case === 'completion') {
        slotOf(event.value.promptId).add(event.value);
        counted += 1;
        progress.add(1);
      }
    }
    return { problems: [...slots.values()].map((slot) => slot.judgedProblem()), usage };
  } catch (thrown) {
    progress.add(-counted);
    throw thrown;
  }
}

/** Counts completions as they come; those of a call that is repeated are taken back. */
class SampleProgress {
  private done = 0;
  private readonly context: StepContext;
  private readonly total: number;

  constructor(context: StepContext, total: number) {
    this.context = context;
    this.total = total;
  }

  add(count: number): void {
    this.done += count;
    this.context.progress({ done: BigInt(this.done), total: BigInt(this.total), unit: 'completions' });
  }
}
