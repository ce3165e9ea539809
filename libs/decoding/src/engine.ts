import { cancelled, toHoneError } from '@hone/errors';
import type { ModelConfig, Weights } from '@hone/checkpoint';
import type { SessionOptions } from '@hone/runtime';
import { seedFor } from '@hone/statistics';
import { Batch } from './sampling/batch.ts';
import { cacheBytesPerPosition, defaultRows } from './sampling/batch-size.ts';
import { DecodeGraph, type GraphOptions } from './graph/decode-graph.ts';
import type { WeightPrecision } from './graph/precision.ts';
import { Prefill } from './sampling/prefill.ts';
import { SampleStream, type SampleJob } from './sampling/sample-stream.ts';
import { validateSamplingParams, type SamplingParams } from './sampling/sampling-params.ts';
import { ScoreGraph } from './graph/score-graph.ts';
import type { SampledCompletion } from './sampling/completion.ts';
import type { Slot } from './sampling/slot.ts';
import { UniformStream } from './sampling/uniform-stream.ts';
import { validateRequests, validateSequences, type SampleRequest } from './validate-requests.ts';

const DEFAULT_CACHE_BYTES = 2 ** 30;

export interface EngineOptions {
  readonly config: ModelConfig;
  /**
   * The weights, or how to read them. ONNX Runtime keeps its own copy, so a large model's are better read when a session is
   * opened, and let go of.
   */
  readonly weights: Weights | (() => Promise<Weights>);
  /** Threads of each matrix product. */
  readonly threads: number;
  /** Rows that decode together; without it chosen by the size of the model. */
  readonly maxRows?: number;
  /** Interface of ONNX Runtime that is used; see SessionOptions. */
  readonly api?: SessionOptions['api'] | undefined;
  /** Of the weights in sampling; log-probs of given tokens are always exact. Default: fp32. */
  readonly precision?: WeightPrecision | undefined;
  /** Largest size of the key-value cache: fewer samples run together where theirs would be larger. */
  readonly maxCacheBytes?: number;
}

export interface SampleOptions {
  /** Base of every sample's seed. */
  readonly seed: bigint;
  readonly signal?: AbortSignal | undefined;
  /** Asked behind every token of a completion: whether it is at its end, for instance at a stop string. Must depend on the tokens alone. */
  readonly endsCompletion?: ((tokenIds: readonly number[]) => boolean) | undefined;
  /** Whose samples these are: owners share the batch evenly, however many calls each has. Default: each call is its own. */
  readonly owner?: unknown;
}

/** What the engine computed since it was loaded. */
export interface EngineCounters {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly steps: number;
}

/**
 * Samples from one model. Several calls may run at once: their samples share the batch. A sample depends on the model,
 * its prompt, the sampling parameters and its seed only, bit by bit: never on what else is in the batch.
 */
export class DecodingEngine {
  private readonly streams: SampleStream[] = [];
  private readonly batch: Batch;
  private readonly prefill: Prefill;
  /** The prompt that was read last, and not failed to be. */
  private readLast: SampleRequest | undefined;
  private running: Promise<void> | undefined;
  /** Something happened that the loop has not seen yet. */
  private news = false;
  private wake: (() => void) | undefined;
  private score: Promise<ScoreGraph> | undefined;
  private readonly count = { promptTokens: 0, completionTokens: 0, steps: 0 };

  private constructor(
    private readonly options: EngineOptions,
    private readonly graph: DecodeGraph,
  ) {
    const { config, maxCacheBytes = DEFAULT_CACHE_BYTES } = options;
    const maxPositions = Math.floor(maxCacheBytes / cacheBytesPerPosition(config));
    const maxRows = options.maxRows ?? defaultRows(config);
    this.batch = new Batch(graph, new Set(config.eosTokenIds), maxRows, maxPositions);
    this.prefill = new Prefill(graph);
  }

  /** Traces the model's decode graph and opens its session. Changes of the weights afterwards are not seen. */
  static async load(options: EngineOptions): Promise<DecodingEngine> {
    return new DecodingEngine(options, await DecodeGraph.create(await graphOptions(options)));
  }

  get counters(): EngineCounters {
    return { ...this.count };
  }

  /** Draws completions of each prompt, in the order in which they finish. Memory does not grow with their number. */
  async *sample(
    requests: readonly SampleRequest[],
    params: SamplingParams,
    options: SampleOptions,
  ): AsyncGenerator<SampledCompletion, void, undefined> {
    const valid = validateSamplingParams(params);
    validateRequests(requests, this.options.config);
    const { seed, endsCompletion, owner = Symbol('call') } = options;
    const stream = new SampleStream(requests, valid, seed, () => this.notify(), endsCompletion, owner);
    this.streams.push(stream);
    this.notify();
    this.running ??= this.run().finally(() => (this.running = undefined));
    yield* stream.completions(options.signal);
  }

  /** log p(token[t] | token[0 … t-1]) for t = 1 … length-1 of each sequence, in order (teacher forcing). */
  async logProbs(sequences: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array[]> {
    validateSequences(sequences, this.options.config);
    return (await this.openScoreGraph()).logProbs(sequences, signal);
  }

  /** Opened at the first need: a session holds another copy of the weights. */
  private openScoreGraph(): Promise<ScoreGraph> {
    this.score ??= graphOptions(this.options)
      .then((options) => ScoreGraph.create(options))
      .catch((thrown: unknown) => {
        this.score = undefined;
        throw thrown;
      });
    return this.score;
  }

  /** Ends running calls with CANCELLED and lets go of the model. */
  async close(): Promise<void> {
    for (const stream of this.streams) stream.fail(cancelled('the model was unloaded'));
    await this.running;
    await this.graph.close();
    await (await this.score)?.close();
  }

  /** Steps while any stream wants samples. An error of the graph is every stream's error. */
  private async run(): Promise<void> {
    try {
      for (;;) {
        this.news = false;
        this.batch.dropFailed();
        this.forgetFinished();
        if (this.streams.length === 0) return;
        await this.admit();
        if (this.batch.size > 0) await this.step();
        else await this.woken();
      }
    } catch (thrown) {
      const error = toHoneError(thrown);
      for (const stream of this.streams) stream.fail(error);
      this.batch.dropFailed();
      this.streams.length = 0;
    }
  }

  private forgetFinished(): void {
    const open = this.streams.filter((stream) => !stream.finished);
    this.streams.splice(0, this.streams.length, ...open);
  }

  private notify(): void {
    this.news = true;
    this.wake?.();
  }

  /** Waits until a caller takes completions, cancels, or asks for more. */
  private async woken(): Promise<void> {
    if (!this.news) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
  }

  /** Fills the free rows. */
  private async admit(): Promise<void> {
    for (;;) {
      const stream = this.nextStream();
      const job = stream?.peek();
      if (!stream || !job || !this.batch.hasRoomFor(job.request, this.tokenLimit(stream, job.request))) return;
      if (!this.batch.holds(job.request)) await this.readPrompt(job.request);
      if (stream.failed) continue;
      this.batch.add(this.slotFor(stream, job), job.request, this.prefill.cache);
      stream.take();
      if (stream.peek()?.request !== job.request) this.moveToBack(stream);
    }
  }

  /**
   * A free row goes to the owner that has the fewest, so that a small call does not wait for a large one. Streams of one owner take
   * turns by prompt, since a prompt's samples are cheapest together.
   */
  private nextStream(): SampleStream | undefined {
    const rows = new Map<unknown, number>();
    for (const { owner, rows: own } of this.streams) rows.set(owner, (rows.get(owner) ?? 0) + own);
    let next: SampleStream | undefined;
    for (const stream of this.streams) {
      const isFirst = next === undefined || rows.get(stream.owner)! < rows.get(next.owner)!;
      if (isFirst && stream.peek()) next = stream;
    }
    return next;
  }

  private moveToBack(stream: SampleStream): void {
    this.streams.splice(this.streams.indexOf(stream), 1);
    this.streams.push(stream);
  }

  private tokenLimit(stream: SampleStream, { promptTokenIds }: SampleRequest): number {
    const room = this.options.config.maxPositionEmbeddings - promptTokenIds.length;
    return Math.min(stream.params.maxTokens, room);
  }

  /** Computes a prompt, but for its last token, which each of its samples feeds in its first step. */
  private async readPrompt(request: SampleRequest): Promise<void> {
    if (this.readLast === request) return;
    this.readLast = undefined;
    await this.prefill.read(request.promptTokenIds.subarray(0, -1));
    this.readLast = request;
    this.count.promptTokens += request.promptTokenIds.length;
  }

  private slotFor(stream: SampleStream, job: SampleJob): Slot {
    const { request, sampleIndex } = job;
    const seed = seedFor(stream.seed, request.promptId, sampleIndex);
    return {
      stream,
      params: stream.params,
      promptId: request.promptId,
      sampleIndex,
      seed,
      uniforms: new UniformStream(seed),
      promptPositions: request.promptTokenIds.length - 1,
      tokenLimit: this.tokenLimit(stream, request),
      tokenIds: [],
      logProbs: [],
      lastToken: request.promptTokenIds.at(-1) as number,
    };
  }

  private async step(): Promise<void> {
    this.count.steps += 1;
    this.count.completionTokens += this.batch.size;
    for (const { slot, completion } of await this.batch.step()) slot.stream.deliver(completion);
  }
}

async function graphOptions({
  config,
  weights,
  threads,
  api,
  precision = 'fp32',
}: EngineOptions): Promise<GraphOptions> {
  const read = typeof weights === 'function' ? await weights() : weights;
  return { config, threads, precision, weights: read, ...(api && { api }) };
}
