import {
  digestOfName,
  FinishReason,
  JudgedProblem,
  Problem,
  SampleRequest,
  type Completion,
  type ResourceUsage,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callServerStream, mapInOrder, piecesOf } from '@hone/rpc';
import type { StepOutcome } from '../database/phases.ts';
import { seedOf } from '../seeds.ts';
import { drawProblems, type ProblemDraw } from './problem-draw.ts';
import { withRetries } from './retry.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** What the sample phase gives. */
export interface SampleResult {
  readonly problems: number;
  readonly samples: number;
  /** Completions that were cut off. */
  readonly truncated: number;
  /** Digests of the prompts' templates, each once. */
  readonly templateDigests: readonly string[];
}

/** Enough completions a call to fill the sampler's batches, few enough to hold in memory. */
const MAX_COMPLETIONS_PER_CALL = 1024;
/** Messages are limited to 4 MiB; half of it leaves room for what is not counted. */
const MAX_REQUEST_BYTES = 2 << 20;
/** While the last completions of one call finish, the next call already fills the sampler's batch. */
const CALLS_IN_FLIGHT = 2;

/** The problems that an iteration samples on. */
export function problemsOfIteration({ store, spec, iteration }: StepContext): Promise<ProblemDraw> {
  const digest = digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set');
  return drawProblems(store, digest, spec.problemsPerIteration, seedOf(spec.seed, iteration, 'problems'));
}

/**
 * Samples from a checkpoint. The stored rows are JudgedProblems without verdicts, in the order of the problem set, each with its
 * completions by sample index: the same bytes whatever order the sampler finished them in.
 */
export async function samplePhase(context: StepContext, checkpoint: string): Promise<StepOutcome<SampleResult>> {
  const { spec, store, signal } = context;
  const draw = await problemsOfIteration(context);
  const usage = new UsageSum();
  const progress = new SampleProgress(context, draw.count * spec.samplesPerProblem);
  const pieces = piecesOf(draw.problems(), {
    maxItems: Math.max(1, Math.floor(MAX_COMPLETIONS_PER_CALL / spec.samplesPerProblem)),
    maxBytes: MAX_REQUEST_BYTES,
    bytesOf: (problem) => Problem.encode(problem).finish().length,
  });
  let truncated = 0;
  const templates = new Set<string>();
  async function* rows(): AsyncGenerator<object> {
    const samplePiece = (problems: Problem[], pieceSignal: AbortSignal) =>
      withRetries(() => samplesOf(problems, { ...context, signal: pieceSignal }, checkpoint, progress), pieceSignal);
    for await (const sampled of mapInOrder(pieces, { width: CALLS_IN_FLIGHT, signal }, samplePiece)) {
      usage.add(sampled.usage);
      for (const problem of sampled.problems) {
        truncated += problem.completions.filter(({ completion }) => isTruncated(completion!)).length;
        templates.add(problem.completions[0]!.completion!.templateDigest);
        yield JudgedProblem.toJSON(problem) as object;
      }
    }
  }
  const { digest, count } = await store.putJsonLines(rows(), { signal });
  const templateDigests = [...templates].filter((template) => template !== '').sort();
  const result = { problems: count, samples: count * spec.samplesPerProblem, truncated, templateDigests };
  return { result, usage: usage.total(), artifacts: { completions: digest } };
}

function isTruncated({ finishReason }: Completion): boolean {
  return finishReason === FinishReason.LENGTH;
}

interface SampledPiece {
  readonly problems: JudgedProblem[];
  readonly usage: ResourceUsage | undefined;
}

/** Draws the completions of some problems in one call; every sample must come exactly once. */
async function samplesOf(
  problems: readonly Problem[],
  { spec, iteration, peers, signal }: StepContext,
  checkpoint: string,
  progress: SampleProgress,
): Promise<SampledPiece> {
  const n = spec.samplesPerProblem;
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
    for await (const { event } of callServerStream(peers.sampler, 'sample', request, { signal })) {
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

/** Gathers one problem's samples. */
class ProblemSamples {
  promptTokenIds: Buffer | undefined;
  private readonly problemId: string;
  private readonly completions: (Completion | undefined)[];

  constructor(problemId: string, n: number) {
    this.problemId = problemId;
    this.completions = new Array<Completion | undefined>(n).fill(undefined);
  }

  add(completion: Completion): void {
    const { sampleIndex } = completion;
    const expected = sampleIndex < this.completions.length && this.completions[sampleIndex] === undefined;
    if (!expected) throw badSampler(`sent sample ${sampleIndex} of prompt "${this.problemId}" unasked or twice`);
    this.completions[sampleIndex] = completion;
  }

  judgedProblem(): JudgedProblem {
    const { problemId, promptTokenIds } = this;
    if (!promptTokenIds) throw badSampler(`left out the token ids of prompt "${problemId}"`);
    const completions = this.completions.map((completion, index) => {
      if (!completion) throw badSampler(`left out sample ${index} of prompt "${problemId}"`);
      return { completion, verdict: undefined };
    });
    return { problemId, promptTokenIds, completions };
  }
}

function badSampler(what: string): HoneError {
  return new HoneError({ code: 'INTERNAL', reason: 'BAD_SAMPLER', message: `the sampler ${what}` });
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
