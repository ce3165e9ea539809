/** Runs the training-step graph on parts of batches. */
import type { ModelConfig, Weights } from '@hone/checkpoint';
import { MASKED } from '@hone/models';
import { Session, type TensorView } from '@hone/runtime';
import type { BatchPart, Row } from './batch.ts';
import { isLengthNormalised } from './preference-term.ts';
import { buildLogProbGraph, buildStepGraph, gradientName } from './step-graph.ts';
import type { PreferenceTerm } from './types.ts';

/** Below this many weights a session keeps its memory between runs: faster, and the peak is small anyway. */
const SMALL_MODEL = 20_000_000;

/** What the run of a part gives. */
export interface PartResult {
  /** Weighted sums over the part. */
  readonly preference: number;
  readonly nll: number;
  /** Summed log-prob of each row's completion. */
  readonly logProbs: Float32Array;
}

/** Size of a part as it was forwarded. */
export function partSize({ rows }: Pick<BatchPart, 'rows'>): { tokens: number; padded: number } {
  const lengths = rows.map((row) => row.promptTokenIds.length + row.completionTokenIds.length);
  return { tokens: lengths.reduce((sum, length) => sum + length, 0), padded: rows.length * Math.max(...lengths) };
}

const ints = (data: Int32Array, shape: readonly number[] = [data.length]): TensorView => ({ data, shape });
const floats = (data: Float32Array, shape: readonly number[] = [data.length]): TensorView => ({ data, shape });

/** Token ids, masks and targets of rows, padded on the right to the longest. */
export function sequenceFeeds(rows: readonly Row[]): Record<string, TensorView> {
  const length = Math.max(...rows.map((row) => row.promptTokenIds.length + row.completionTokenIds.length));
  const count = rows.reduce((sum, row) => sum + row.completionTokenIds.length, 0);
  const inputIds = new Int32Array(rows.length * length);
  const [index, label, target] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  let filled = 0;
  rows.forEach(({ promptTokenIds, completionTokenIds }, row) => {
    inputIds.set(promptTokenIds, row * length);
    inputIds.set(completionTokenIds, row * length + promptTokenIds.length);
    completionTokenIds.forEach((token, i) => {
      // The position before a token predicts it.
      index[filled] = row * length + promptTokenIds.length + i - 1;
      label[filled] = token;
      target[filled] = row;
      filled += 1;
    });
  });
  return {
    input_ids: ints(inputIds, [rows.length, length]),
    positions: ints(
      Int32Array.from({ length }, (_, position) => position),
      [1, length],
    ),
    causal_mask: floats(causalMask(length), [length, length]),
    target_index: ints(index),
    target_label: ints(label),
    target_row: ints(target),
  };
}

function causalMask(length: number): Float32Array {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) mask.fill(MASKED, row * length + row + 1, (row + 1) * length);
  return mask;
}

function pairFeeds({ rows, pairs }: BatchPart, term: PreferenceTerm): Record<string, TensorView> {
  const scale = ({ completionTokenIds }: Row): number => (isLengthNormalised(term) ? 1 / completionTokenIds.length : 1);
  return {
    score_scale: floats(Float32Array.from(rows, scale)),
    reference_log_prob: floats(Float32Array.from(rows, (row) => row.referenceLogProb)),
    chosen: ints(Int32Array.from(pairs, (pair) => pair.chosen)),
    rejected: ints(Int32Array.from(pairs, (pair) => pair.rejected)),
    pair_weight: floats(Float32Array.from(pairs, (pair) => pair.weight)),
  };
}

/** Views of every tensor in a flat buffer laid out like the weights. */
function tensorViews(
  { specs }: Pick<Weights, 'specs'>,
  flat: Float32Array,
  name: (weight: string) => string,
): Record<string, TensorView> {
  return Object.fromEntries(
    specs.map((spec) => [name(spec.name), floats(flat.subarray(spec.offset, spec.offset + spec.length), spec.shape)]),
  );
}

function sessionOptions(weights: Weights, threads: number): { threads: number; keepMemory: boolean } {
  return { threads, keepMemory: weights.flat.length < SMALL_MODEL };
}

/** Loss and gradients of parts; gradients of several parts add up in one flat buffer. */
export class StepRunner {
  /** The gradient of the batch so far, laid out like the weights. */
  readonly gradients: Float32Array;
  private readonly weightFeeds: Record<string, TensorView>;
  private readonly gradientViews: Record<string, TensorView>;
  private addend: { flat: Float32Array; views: Record<string, TensorView> } | undefined;
  private partsRun = 0;

  private constructor(
    private readonly session: Session,
    private readonly weights: Weights,
    private readonly term: PreferenceTerm,
  ) {
    this.gradients = new Float32Array(weights.flat.length);
    this.weightFeeds = tensorViews(weights, weights.flat, (name) => name);
    this.gradientViews = tensorViews(weights, this.gradients, gradientName);
  }

  static async create(
    config: ModelConfig,
    weights: Weights,
    term: PreferenceTerm,
    threads: number,
  ): Promise<StepRunner> {
    const session = await Session.create(buildStepGraph(config, weights, term), sessionOptions(weights, threads));
    return new StepRunner(session, weights, term);
  }

  /** Begins a new batch: the next part's gradients replace what is there. */
  begin(): void {
    this.partsRun = 0;
  }

  /** Runs a part and adds its gradients. */
  async run(part: BatchPart): Promise<PartResult> {
    const preference = this.term.preference !== 'none';
    const feeds = {
      ...this.weightFeeds,
      ...sequenceFeeds(part.rows),
      nll_weight: floats(Float32Array.from(part.rows, (row) => row.nllWeight)),
      ...(preference ? pairFeeds(part, this.term) : {}),
    };
    const outputs = ['nll', 'log_probs', ...(preference ? ['preference'] : [])];
    const results = await this.session.run(feeds, outputs, this.target());
    this.collect();
    return {
      preference: preference ? (results['preference']![0] as number) : 0,
      nll: results['nll']![0] as number,
      logProbs: results['log_probs'] as Float32Array,
    };
  }

  /** Where the next part's gradients land: the sum itself at first, a buffer to add from afterwards. */
  private target(): Record<string, TensorView> {
    if (this.partsRun === 0) return this.gradientViews;
    if (!this.addend) {
      const flat = new Float32Array(this.gradients.length);
      this.addend = { flat, views: tensorViews(this.weights, flat, gradientName) };
    }
    return this.addend.views;
  }

  private collect(): void {
    const { gradients } = this;
    if (this.partsRun > 0) {
      const { flat } = this.addend!;
      for (let i = 0; i < gradients.length; i++) gradients[i]! += flat[i]!;
    }
    this.partsRun += 1;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Summed log-probs of completions under fixed weights. */
export class LogProbRunner {
  private constructor(
    private readonly session: Session,
    private readonly weightFeeds: Record<string, TensorView>,
  ) {}

  static async create(config: ModelConfig, weights: Weights, threads: number): Promise<LogProbRunner> {
    const session = await Session.create(buildLogProbGraph(config, weights), sessionOptions(weights, threads));
    return new LogProbRunner(
      session,
      tensorViews(weights, weights.flat, (name) => name),
    );
  }

  async run(rows: readonly Row[]): Promise<Float32Array> {
    const { log_probs: logProbs } = await this.session.run({ ...this.weightFeeds, ...sequenceFeeds(rows) }, [
      'log_probs',
    ]);
    return logProbs as Float32Array;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
