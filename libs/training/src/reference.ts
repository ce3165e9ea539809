/** Reference log-probs that the data comes without: computed once, so that no second model is held while training. */
import { throwIfAborted } from '@hone/errors';
import { packByLength, type Row } from './data/batch.ts';
import { GapMeter, type LogProbGap } from './log-prob-gap.ts';
import { LogProbRunner, type Model } from './step-runner.ts';
import type { PreferenceGroup } from './types.ts';

export interface ReferenceOptions {
  readonly reference: Model;
  /** Padded tokens forwarded at once. */
  readonly maxTokens: number;
  readonly threads: number;
  /** Whether those of tokens are kept too, in four bytes each. */
  readonly ofTokens?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Log-probs of all completions, in the order that they were added. */
export interface KnownLogProbs {
  readonly logProbs: Float64Array;
  /** Of the tokens of each; empty where they were not asked for. */
  readonly ofTokens: readonly Float32Array[];
  readonly gap: LogProbGap | undefined;
}

/** A completion to forward, and where its log-prob belongs. */
interface Missing extends Row {
  readonly index: number;
  /** As its sampler gave them; absent where nothing is to be compared. */
  readonly sampled: Float32Array | undefined;
}

/** So many runs' worth of completions are sorted by length together. */
const RUNS_SORTED_TOGETHER = 16;

/** Takes in groups one after another; holds a number for each completion, and the tokens of a few runs. */
export class ReferenceLogProbs {
  /** By completion, in the order that they were added. */
  private readonly values: number[] = [];
  private readonly tokens: Float32Array[] = [];
  private waiting: Missing[] = [];
  private waitingTokens = 0;
  private runner: LogProbRunner | undefined;
  private readonly meter = new GapMeter();

  constructor(private readonly options: ReferenceOptions) {}

  async add({ promptTokenIds, completions }: PreferenceGroup): Promise<void> {
    for (const { tokenIds, referenceLogProb, sampledLogProbs: sampled } of completions) {
      const index = this.values.push(referenceLogProb ?? NaN) - 1;
      if (referenceLogProb !== undefined) continue;
      const row = { promptTokenIds, completionTokenIds: tokenIds, referenceLogProb: 0, nllWeight: 0 };
      this.waiting.push({ ...row, index, sampled });
      this.waitingTokens += promptTokenIds.length + tokenIds.length;
    }
    if (this.waitingTokens >= RUNS_SORTED_TOGETHER * this.options.maxTokens) await this.flush();
  }

  private async flush(): Promise<void> {
    const { reference, threads, maxTokens, ofTokens, signal } = this.options;
    if (this.waiting.length === 0) return;
    this.runner ??= await LogProbRunner.create(reference, threads);
    for (const rows of packByLength(this.waiting, maxTokens)) {
      throwIfAborted(signal);
      const logProbs = await this.runner.runTokens(rows);
      rows.forEach(({ index, sampled }, row) => {
        const { sum, tokens } = logProbs[row]!;
        this.values[index] = sum;
        if (ofTokens) this.tokens[index] = tokens.slice();
        if (sampled) this.meter.add(sampled, tokens);
      });
    }
    this.waiting = [];
    this.waitingTokens = 0;
  }

  /** The log-probs of all completions that were added, and how far those of their samplers are from them. */
  async finish(): Promise<KnownLogProbs> {
    await this.flush();
    return { logProbs: Float64Array.from(this.values), ofTokens: this.tokens, gap: this.meter.gap };
  }

  async close(): Promise<void> {
    await this.runner?.close();
  }
}
