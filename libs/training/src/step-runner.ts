/** Runs the training-step graph on parts of batches. */
import { attentionWindows, type ModelConfig, type Weights } from '@hone/checkpoint';
import { Session, type TensorView } from '@hone/runtime';
import type { BatchPart, Row } from './data/batch.ts';
import type { LoraAdapter } from './adapters/lora.ts';
import { floats, packRows, packSharedPrompts, type Packed } from './data/pack.ts';
import { preferenceGraph } from './graph/preference-loss.ts';
import {
  buildLogProbGraph,
  buildStepGraph,
  gradientName,
  type SequenceOptions,
  type StepOptions,
} from './graph/step-graph.ts';

/** Below this many weights a session keeps its memory between runs: faster, and the peak is small anyway. */
const SMALL_MODEL = 20_000_000;

/** What the run of a part gives. */
export interface PartResult {
  /** Weighted sums over the part. */
  readonly preference: number;
  readonly nll: number;
  /** Summed log-prob of each row's completion. */
  readonly logProbs: Float32Array;
  /** Tokens forwarded. */
  readonly tokens: number;
  /** Slots that attention ran over, padding included. */
  readonly slots: number;
}

/** A model to train or to take log-probs of. */
export interface Model {
  readonly config: ModelConfig;
  readonly weights: Weights;
  /** Trained instead of the weights, which then stay as they are. */
  readonly adapter?: LoraAdapter | undefined;
}

/** What of a model is trained. */
export const trainedWeights = ({ weights, adapter }: Model): Weights => adapter?.weights ?? weights;

const pack = (rows: readonly Row[], { config }: Model, { sharedPrompts }: SequenceOptions): Packed =>
  (sharedPrompts ? packSharedPrompts : packRows)(rows, attentionWindows(config));

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

const ownViews = (weights: Weights): Record<string, TensorView> => tensorViews(weights, weights.flat, (name) => name);

const modelFeeds = ({ weights, adapter }: Model): Record<string, TensorView> => ({
  ...ownViews(weights),
  ...(adapter ? ownViews(adapter.weights) : {}),
});

function sessionOptions({ weights }: Model, threads: number): { threads: number; keepMemory: boolean } {
  return { threads, keepMemory: weights.flat.length < SMALL_MODEL };
}

/** Loss and gradients of parts; gradients of several parts add up in one flat buffer. */
export class StepRunner {
  /** The gradient of the batch so far, laid out like what is trained. */
  readonly gradients: Float32Array;
  private readonly weightFeeds: Record<string, TensorView>;
  private readonly gradientViews: Record<string, TensorView>;
  private addend: { flat: Float32Array; views: Record<string, TensorView> } | undefined;
  private partsRun = 0;

  private constructor(
    private readonly session: Session,
    private readonly model: Model,
    private readonly options: StepOptions,
  ) {
    const trained = trainedWeights(model);
    this.gradients = new Float32Array(trained.flat.length);
    this.weightFeeds = modelFeeds(model);
    this.gradientViews = tensorViews(trained, this.gradients, gradientName);
  }

  static async create(model: Model, options: StepOptions, threads: number): Promise<StepRunner> {
    const session = await Session.create(buildStepGraph(model, options), sessionOptions(model, threads));
    return new StepRunner(session, model, options);
  }

  /** Begins a new batch: the next part's gradients replace what is there. */
  begin(): void {
    this.partsRun = 0;
  }

  /** Runs a part and adds its gradients. */
  async run(part: BatchPart): Promise<PartResult> {
    const ofPreferences = preferenceGraph(this.options.term);
    const { feeds: sequences, tokens, slots } = pack(part.rows, this.model, this.options);
    const feeds = {
      ...this.weightFeeds,
      ...sequences,
      nll_weight: floats(Float32Array.from(part.rows, (row) => row.nllWeight)),
      ...ofPreferences?.feeds(part),
    };
    const outputs = ['nll', 'log_probs', ...(ofPreferences ? ['preference'] : [])];
    const results = await this.session.run(feeds, outputs, this.target());
    this.collect();
    return {
      preference: ofPreferences ? (results['preference']![0] as number) : 0,
      nll: results['nll']![0] as number,
      logProbs: results['log_probs'] as Float32Array,
      tokens,
      slots,
    };
  }

  /** Where the next part's gradients land: the sum itself at first, a buffer to add from afterwards. */
  private target(): Record<string, TensorView> {
    if (this.partsRun === 0) return this.gradientViews;
    if (!this.addend) {
      const flat = new Float32Array(this.gradients.length);
      this.addend = { flat, views: tensorViews(trainedWeights(this.model), flat, gradientName) };
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

/** Log-probs of completions under fixed weights. */
export class LogProbRunner {
  private readonly weightFeeds: Record<string, TensorView>;

  private constructor(
    private readonly session: Session,
    private readonly model: Model,
  ) {
    this.weightFeeds = modelFeeds(model);
  }

  static async create(model: Model, threads: number): Promise<LogProbRunner> {
    const session = await Session.create(buildLogProbGraph(model), sessionOptions(model, threads));
    return new LogProbRunner(session, model);
  }

  /** The sum of each row. */
  async run(rows: readonly Row[]): Promise<Float32Array> {
    const { log_probs: logProbs } = await this.session.run(this.feeds(rows), ['log_probs']);
    return logProbs as Float32Array;
  }

  /** The sum of each row, and the log-probs of its tokens. */
  async runTokens(rows: readonly Row[]): Promise<{ readonly sum: number; readonly tokens: Float32Array }[]> {
    const results = await this.session.run(this.feeds(rows), ['log_probs', 'token_log_probs']);
    const [sums, ofTokens] = [results['log_probs'] as Float32Array, results['token_log_probs'] as Float32Array];
    let end = 0;
    return rows.map(({ completionTokenIds: { length } }, row) => {
      end += length;
      return { sum: sums[row]!, tokens: ofTokens.subarray(end - length, end) };
    });
  }

  private feeds(rows: readonly Row[]): Record<string, TensorView> {
    return { ...this.weightFeeds, ...pack(rows, this.model, { sharedPrompts: true }).feeds };
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
