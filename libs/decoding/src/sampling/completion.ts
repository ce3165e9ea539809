/** Why a completion ended: an end-of-sequence or stop token, or what the caller stops at; or max_tokens or the context was reached. */
export type FinishReason = 'stop' | 'length';

/** A finished completion. */
export interface SampledCompletion {
  readonly promptId: string;
  /** 0 … n-1 among the samples of its prompt. */
  readonly sampleIndex: number;
  /** The end-of-sequence token included. */
  readonly tokenIds: Int32Array;
  /** log p(token | prefix) of each token at temperature 1, untruncated. */
  readonly logProbs: Float32Array;
  readonly finishReason: FinishReason;
  /** The sample's own seed. */
  readonly seed: bigint;
}
