import { Readable } from 'node:stream';
import {
  digestOfName,
  FinishReason,
  JudgedProblem,
  Phase,
  Problem,
  SampleRequest,
  type Completion,
  type ResourceUsage,
} from '@hone/contracts';
import { callServerStream, piecesOf } from '@hone/rpc';
import { shardStep, type StepKey, type StepOutcome } from '../database/phases.ts';
import { seedOf } from '../seeds.ts';
import { callService } from './call-service.ts';
import { drawProblems, type ProblemDraw } from './problem-draw.ts';
import { badSampler, ProblemSamples } from './problem-samples.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { UsageSum, type StepContext } from './step-context.ts';
import { samplingWarnings } from './warnings.ts';

/** What the sample phase gives. */
export interface SampleResult {
  readonly problems: number;
  readonly samples: number;
  /** Completions that were cut off. */
  readonly truncated: number;
  /** Digests of the prompts' templates, each once. */
  readonly templateDigests: readonly string[];
  /** Dates that chat templates wrote into prompts, each once; shards of earlier versions do not say. */
  readonly templateDates?: readonly string[];
}

/** Messages are limited to 4 MiB; half of it leaves room for what is not counted. */
const MAX_REQUEST_BYTES = 2 << 20;

/** The problems that an iteration samples on. */
export function problemsOfIteration({ store, spec, iteration }: StepContext): Promise<ProblemDraw> {
  const digest = digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set');
  return drawProblems(store, digest, spec.problemsPerIteration, seedOf(spec.seed, iteration, 'problems'));
}

/**
 * Samples from a checkpoint, shard by shard. The stored rows are JudgedProblems without verdicts, in the order of the problem set,
 * each with its completions by sample index: the same bytes whatever order the sampler finished them in, and however the
 * problems were cut into shards.
 */
export async function samplePhase(context: StepContext, checkpoint: string): Promise<StepOutcome<SampleResult>> {
  const { spec, iteration, journal } = context;
  const phase = { iteration, phase: Phase.SAMPLE };
  let count = 0;
  const shards = async (): Promise<void> => {
    const draw = await problemsOfIteration(context);
    const progress = new SampleProgress(context, draw.count * spec.samplesPerProblem);
    await forEachShard(shardsOf(draw.problems(), shardSizeOf(spec)), context, ({ index, items }, signal) => {
      const shard = { ...context, signal };
      count = index + 1;
      return journal.step({ ...phase, step: shardStep(index) }, async () =>
        storeSamples(shard, await samplesOf(shard, items, checkpoint, progress)),
      );
    });
  };
  const finish = (): Promise<StepOutcome<SampleResult>> => joinShards(context, phase, count);
  return journal.phase(phase, finish, {
    shards,
    effectsOf: ({ result }) => ({ warnings: samplingWarnings(result) }),
  });
}

/** Stores a shard's completions. */
async function storeSamples(
  { store, signal }: StepContext,
  { problems, usage }: SampledProblems,
): Promise<StepOutcome<SampleResult>> {
  const completions = problems.flatMap((problem) => problem.completions.map(({ completion }) => completion!));
  const rows = problems.map((problem) => JudgedProblem.toJSON(problem) as object);
  const { digest, count } = await store.putJsonLines(rows, { signal });
  const result = {
    problems: count,
    samples: completions.length,
    truncated: completions.filter(isTruncated).length,
    templateDigests: distinct(completions.map(({ templateDigest }) => templateDigest)),
    templateDates: distinct(completions.map(({ templateDate }) => templateDate)),
  };
  return { result, usage, artifacts: { completions: digest } };
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].filter(Boolean).sort();

/** The shards' rows as one artifact. */
async function joinShards(
  { store, journal, signal }: StepContext,
  phase: Omit<StepKey, 'step'>,
  count: number,
): Promise<StepOutcome<SampleResult>> {
  const usage = new UsageSum();
  const sum = { problems: 0, samples: 0, truncated: 0, templateDigests: [] as string[], templateDates: [] as string[] };
  async function* rows(): AsyncGenerator<object> {
    for (let index = 0; index < count; index++) {
      const shard = await journal.outcomeOf<SampleResult>({ ...phase, step: shardStep(index) });
      usage.addStep(shard.usage);
      sum.problems += shard.result.problems;
      sum.samples += shard.result.samples;
      sum.truncated += shard.result.truncated;
      sum.templateDigests = distinct([...sum.templateDigests, ...shard.result.templateDigests]);
      sum.templateDates = distinct([...sum.templateDates, ...(shard.result.templateDates ?? [])]);
      yield* store.readJsonLines<object>(shard.artifacts['completions']!);
    }
  }
  const { digest } = await store.putJsonLines(rows(), { signal });
  return { result: sum, usage: usage.total(), artifacts: { completions: digest }, hasShards: true };
}

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
  problems: readonly Problem[],
  checkpoint: string,
  progress: SampleProgress,
): Promise<SampledProblems> {
  const usage = new UsageSum();
  const bytesOf = (problem: Problem): number => Problem.encode(problem).finish().length;
  const pieces = piecesOf(Readable.from(problems), { maxItems: Infinity, maxBytes: MAX_REQUEST_BYTES, bytesOf });
  const sampled: JudgedProblem[] = [];
  for await (const piece of pieces) {
    const call = (): Promise<SampledPiece> => samplePiece(context, piece, checkpoint, progress);
    const { problems: judged, usage: used } = await callService(context, 'sampler', context.signal, call);
    usage.add(used);
    sampled.push(...judged);
  }
  return { problems: sampled, usage: usage.total() };
}

interface SampledPiece {
  readonly problems: JudgedProblem[];
  readonly usage: ResourceUsage | undefined;
}

/** Draws the completions of some problems in one call; every sample must come exactly once. */
async function samplePiece(
  { spec, iteration, peers, signal, policy }: StepContext,
  problems: readonly Problem[],
  checkpoint: string,
  progress: SampleProgress,
): Promise<SampledPiece> {
  const n = spec.samplesPerProblem;
  const { timeoutMs } = policy;
  const request = SampleRequest.fromPartial({
    checkpoint,
    prompts: problems.map(({ prompt }) => prompt!),
    n,
    sampling: spec.sampling!,
    seed: seedOf(spec.seed, iteration, 'sample'),
  });
  const slots = new Map(problems.map(({ id }) => [id, new ProblemSamples(id, n)]));
  const slotOf = (id: string): ProblemSamples => {
    const slot = slots.get(id);
    if (!slot) throw badSampler(`answered for prompt "${id}", which was not asked`);
    return slot;
  };
  let usage: ResourceUsage | undefined;
  let counted = 0;
  try {
    for await (const { event } of callServerStream(peers.sampler, 'sample', request, { signal, timeoutMs })) {
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
