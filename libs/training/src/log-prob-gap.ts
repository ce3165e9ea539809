/** How far the log-probs of a sampler are from those of the trainer. */

/** |difference| of a token's log-probs, in nats, over all tokens that were compared. */
export interface LogProbGap {
  readonly mean: number;
  /** The 99th percentile, to one percent of its value. */
  readonly p99: number;
  readonly largest: number;
  /** At least 1. */
  readonly tokens: number;
}

/** Each bin's upper end is one percent above its lower one; differences up to the smallest are in the first. */
const STEP = Math.log(1.01);
const SMALLEST = 1e-9;

/** Takes in tokens; holds a few thousand numbers, however many tokens there are. */
export class GapMeter {
  private readonly bins: number[] = [];
  private sum = 0;
  private largest = 0;
  private tokens = 0;

  /** Log-probs of the same tokens, as a sampler gave them and as they are. */
  add(sampled: Float32Array, computed: Float32Array): void {
    sampled.forEach((logProb, index) => {
      const gap = Math.abs(logProb - computed[index]!);
      const bin = gap <= SMALLEST ? 0 : Math.ceil(Math.log(gap / SMALLEST) / STEP);
      this.bins[bin] = (this.bins[bin] ?? 0) + 1;
      this.sum += gap;
      this.largest = Math.max(this.largest, gap);
      this.tokens += 1;
    });
  }

  /** Undefined where nothing was compared. */
  get gap(): LogProbGap | undefined {
    const { tokens, largest } = this;
    if (tokens === 0) return undefined;
    return { mean: this.sum / tokens, p99: Math.min(this.quantile(0.99), largest), largest, tokens };
  }

  /** The upper end of the bin in which the quantile is. */
  private quantile(share: number): number {
    let left = Math.ceil(share * this.tokens);
    // A bin that holds nothing may be a hole of the array, which forEach would pass over as well.
    const bin = this.bins.findIndex((count = 0) => (left -= count) <= 0);
    return bin === 0 ? SMALLEST : SMALLEST * Math.exp(bin * STEP);
  }
}
