import {
  Problem,
  SampleRequest,
  SamplerServiceClient,
  scoreItemOf,
  type ResourceUsage,
  type ScoreItem,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callServerStream, type ReplicaSet } from '@hone/rpc';
import type { Judge } from '@hone/scoring';
import { mergeAsTheyCome } from '@hone/streams';
import { Batch, chunksOf, type ChunkLimits } from './chunks.ts';
import type { Pass } from './request-rules.ts';
import { judgedOutcome, type JudgedOutcome } from './tally.ts';

/** What a pass over the problems needs. */
export interface PassOptions extends Pass {
  readonly sampler: ReplicaSet;
  readonly judge: Judge;
  readonly checkpoint: string;
  readonly seed: bigint;
  readonly signal: AbortSignal;
  /** Takes what each call of the sampler used. */
  onUsage(usage: ResourceUsage): void;
}

/** A problem and its position in the set. */
export interface NumberedProblem {
  readonly index: number;
  readonly problem: Problem;
}

/** Few enough completions to hold in memory, many enough to fill the sampler's batches. */
const MAX_COMPLETIONS_PER_CALL = 1024;
/** Messages are limited to 4 MiB; half of it leaves room for what is not counted. */
const MAX_MESSAGE_BYTES = 2 << 20;
/** A kill loses what is not scored yet: few enough that this is little work of a slow model. */
const MAX_ITEMS_PER_SCORE = 64;

/** A slow model's completions are judged as they come, so that progress is seen, and a kill loses little. */
const MAX_WAIT_MS = 1_000;

const SCORE_LIMITS: ChunkLimits<PendingItem> = {
  maxItems: MAX_ITEMS_PER_SCORE,
  maxSize: MAX_MESSAGE_BYTES,
  // Every UTF-16 code unit is at most three bytes of UTF-8.
  sizeOf: ({ item }) => 3 * (item.completion.length + item.prompt.length + item.gold.length),
};

interface PendingItem {
  readonly problemIndex: number;
  readonly sampleIndex: number;
  readonly item: ScoreItem;
}

/** Samples n completions for each problem and judges them, some at a time, in bounded memory and in no particular order. */
export async function* judgedSamples(
  problems: AsyncIterable<NumberedProblem>,
  options: PassOptions,
): AsyncGenerator<JudgedOutcome[], void, undefined> {
  const limits: ChunkLimits<NumberedProblem> = {
    maxItems: Math.max(1, Math.floor(MAX_COMPLETIONS_PER_CALL / options.n)),
    maxSize: MAX_MESSAGE_BYTES,
    sizeOf: ({ problem }) => Problem.encode(problem).finish().length,
  };
  // Each replica of the sampler has a chunk of its own.
  const width = (): number => options.sampler.size;
  const { signal } = options;
  yield* mergeAsTheyCome(chunksOf(problems, limits), { width, signal }, (chunk, ending) =>
    judgeChunk(chunk, { ...options, signal: ending }),
  );
}

/** Judges while the sampler goes on sampling. */
async function* judgeChunk(
  chunk: readonly NumberedProblem[],
  options: PassOptions,
): AsyncGenerator<JudgedOutcome[], void, undefined> {
  const batch = new Batch(SCORE_LIMITS);
  for await (const sampled of sampleChunk(chunk, options)) {
    const full = batch.add(sampled);
    if (full) yield await judge(full, options);
    if (batch.isOlderThan(MAX_WAIT_MS)) yield await judge(batch.take(), options);
  }
  const rest = batch.take();
  if (rest.length > 0) yield await judge(rest, options);
}

async function judge(pending: readonly PendingItem[], { judge, signal }: PassOptions): Promise<JudgedOutcome[]> {
  const items = pending.map(({ item }) => item);
  const { verdicts } = await judge.judge(items, signal);
  return pending.map(({ problemIndex, sampleIndex }, position) =>
    judgedOutcome(problemIndex, sampleIndex, verdicts[position]!),
  );
}

/** The chunk's completions as they finish; every one of them exactly once. */
async function* sampleChunk(
  chunk: readonly NumberedProblem[],
  options: PassOptions,
): AsyncGenerator<PendingItem, void, undefined> {
  const { sampler, checkpoint, n, sampling, seed, signal } = options;
  const prompts = chunk.map(({ problem }) => problem.prompt!);
  const request = SampleRequest.fromPartial({ checkpoint, prompts, n, sampling, seed });
  const expected = new Map(chunk.map((numbered) => [numbered.problem.id, { ...numbered, missing: indices(n) }]));
  const sampled = sampler.stream(
    SamplerServiceClient,
    (client) => callServerStream(client, 'sample', request, { signal }),
    { signal },
  );
  for await (const { event } of sampled) {
    if (event?.$case === 'summary' && event.value.usage) options.onUsage(event.value.usage);
    if (event?.$case !== 'completion') continue;
    const completion = event.value;
    const of = expected.get(completion.promptId);
    if (!of?.missing.delete(completion.sampleIndex)) {
      throw badSampler(`sent an unexpected sample ${completion.sampleIndex} of prompt "${completion.promptId}"`);
    }
    const { index: problemIndex, problem } = of;
    yield { problemIndex, sampleIndex: completion.sampleIndex, item: scoreItemOf(problem, completion) };
  }
  for (const [id, { missing }] of expected) {
    if (missing.size > 0) throw badSampler(`left out ${missing.size} of ${n} samples of prompt "${id}"`);
  }
}

function indices(n: number): Set<number> {
  return new Set(Array.from({ length: n }, (_, index) => index));
}

function badSampler(what: string): HoneError {
  return new HoneError({ code: 'INTERNAL', reason: 'BAD_SAMPLER', message: `the sampler ${what}` });
}
