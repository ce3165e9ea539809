/** SamplerService.Sample. */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  checkSampling,
  FinishReason,
  LIMITS,
  packFloat32,
  packInt32,
  unpackInt32,
  Violations,
  WeightPrecision,
  type Prompt,
  type SampleRequest,
  type SampleResponse,
} from '@hone/contracts';
import { validateRequests, validateSamplingParams, type SamplingParams } from '@hone/decoding/requests';
import { invalidArgument } from '@hone/errors';
import type { CallContext } from '@hone/rpc';
import type { Worker } from '@hone/workers';
import { BoundedQueue } from './bounded-queue.ts';
import { chunksOf } from './chunks.ts';
import type { SamplerContext } from './context.ts';
import type { PromptInput, PromptSamples, SampleChunk, SampledText } from './worker-api.ts';
import { measureUsage } from './usage.ts';

/** Chunks that a worker has at a time: their samples share its batch, which so stays full from one to the next. */
const CHUNKS_IN_FLIGHT = 6;
/** What draws, whose log-probs of unrounded weights are the trainer's. */
const ENGINE = 'onnxruntime';
/** Completions that wait for the caller. */
const QUEUE_LIMIT = 256;

/** Draws completions; events come as the contract says. */
export function sample({ checkpoints, pool, encoder }: SamplerContext) {
  return async function* (request: SampleRequest, { signal }: CallContext): AsyncGenerator<SampleResponse> {
    checkAmount(request);
    const { folder, config } = await checkpoints.open(request.checkpoint);
    const sampling = samplingOf(request);
    const prompts = request.prompts.map(promptInput);
    const encoded = await encoder.encode(folder, prompts, signal);
    const tokenized = prompts.map(({ id }, index) => ({ promptId: id, promptTokenIds: encoded[index]!.tokenIds }));
    // All that can be wrong in a call is told before its first sample.
    validateRequests(
      tokenized.map((prompt) => ({ ...prompt, n: request.n })),
      config,
    );
    const { workers, ...limits } = pool.place(config);
    const usage = await measureUsage(workers);
    for (const { promptId, promptTokenIds } of tokenized) {
      yield { event: { $case: 'prompt', value: { promptId, tokenIds: packInt32(promptTokenIds) } } };
    }
    const chunks = chunksOf(tokenized, request.n, workers.length);
    const { stop: stops, weightPrecision } = request.sampling!;
    const precision = weightPrecision === WeightPrecision.INT8 ? ('int8' as const) : ('fp32' as const);
    const call = { folder, ...limits, precision, sampling, stops, seed: request.seed, call: randomUUID() };
    const templates = new Map(
      request.prompts.map(({ id, templateDigest }, index) => [
        id,
        { templateDigest, templateDate: encoded[index]!.templateDate },
      ]),
    );
    let completions = 0;
    let tokens = 0;
    for await (const drawn of drawChunks(workers, chunks, call, signal)) {
      completions += 1;
      tokens += drawn.tokenIds.length;
      yield { event: { $case: 'completion', value: completionOf(drawn, request, templates) } };
    }
    const promptTokens = tokenized.reduce((sum, { promptTokenIds }) => sum + promptTokenIds.length, 0);
    const summary = { completions, usage: await usage(tokens), promptTokens: BigInt(promptTokens) };
    yield { event: { $case: 'summary', value: summary } };
  };
}

/** What is asked for, before anything is reserved for it. */
function checkAmount({ n, prompts }: SampleRequest): void {
  const violations = new Violations();
  violations.within(n, 1, LIMITS.samplesPerProblem, 'n');
  const completions = n * prompts.length;
  const rule = `times the ${prompts.length} prompts must be at most ${LIMITS.completionsPerCall} completions`;
  violations.require(!(completions > LIMITS.completionsPerCall), 'n', rule, n);
  violations.throwIfAny();
}

function samplingOf({ sampling }: SampleRequest): SamplingParams {
  const violations = new Violations();
  checkSampling(sampling, 'sampling', violations);
  violations.throwIfAny();
  const { temperature, topK, topP, maxTokens, ignoreEos, stopTokenIds } = sampling!;
  return validateSamplingParams({ temperature, topK, topP, maxTokens, ignoreEos, stopTokenIds });
}

function promptInput({ id, content }: Prompt, index: number): PromptInput {
  const field = `prompts[${index}]`;
  if (id === '') throw invalidArgument(`${field}.id`, 'must not be empty');
  if (!content) throw invalidArgument(field, 'must have one of text, chat and token_ids');
  switch (content.$case) {
    case 'text':
      return { id, content: { kind: 'text', text: content.value } };
    case 'chat':
      return { id, content: { kind: 'chat', messages: content.value.messages } };
    case 'tokenIds':
      return { id, content: { kind: 'tokens', tokenIds: unpackInt32(content.value, `${field}.token_ids`) } };
  }
}

function completionOf(
  drawn: SampledText,
  { checkpoint, sampling }: SampleRequest,
  templates: ReadonlyMap<string, { readonly templateDigest: string; readonly templateDate: string }>,
) {
  const isInt8 = sampling?.weightPrecision === WeightPrecision.INT8;
  return {
    promptId: drawn.promptId,
    sampleIndex: drawn.sampleIndex,
    tokenIds: packInt32(drawn.tokenIds),
    logProbs: packFloat32(drawn.logProbs),
    text: drawn.text,
    finishReason: drawn.finishReason === 'stop' ? FinishReason.STOP : FinishReason.LENGTH,
    seed: drawn.seed,
    checkpoint,
    ...templates.get(drawn.promptId)!,
    weightPrecision: isInt8 ? WeightPrecision.INT8 : WeightPrecision.FP32,
    engine: ENGINE,
    exactLogProbs: !isInt8,
  };
}

/** Lets the workers draw the chunks, each taking the next one when it is free; the first error ends all of them. */
async function* drawChunks(
  workers: readonly Worker[],
  chunks: readonly PromptSamples[][],
  call: Omit<SampleChunk, 'prompts'>,
  callerSignal: AbortSignal,
): AsyncGenerator<SampledText> {
  const queue = new BoundedQueue<SampledText>(QUEUE_LIMIT);
  const stop = new AbortController();
  const signal = AbortSignal.any([callerSignal, stop.signal]);
  // Every chunk in flight listens; that is no leak.
  setMaxListeners(0, signal);
  const waiting = chunks.values();
  const drain = async (worker: Worker): Promise<void> => {
    for (const prompts of waiting) {
      const onEvent = (event: SampledText): Promise<void> => queue.push(event);
      await worker.call<SampleChunk, SampledText, unknown>('sample', { ...call, prompts }, { signal, onEvent });
    }
  };
  const lanes = workers.flatMap((worker) => Array.from({ length: CHUNKS_IN_FLIGHT }, () => drain(worker)));
  const all = Promise.all(lanes).then(
    () => queue.end(),
    (error: unknown) => {
      queue.fail(error);
      stop.abort();
    },
  );
  try {
    yield* queue.read();
  } finally {
    stop.abort();
    queue.end();
    await all;
  }
}
