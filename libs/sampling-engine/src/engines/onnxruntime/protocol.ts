/** What the engine asks of its worker processes. Everything here crosses by structured clone. */
import type { SamplingParams, WeightPrecision } from '@hone/decoding/requests';
import type { DrawnSample } from '../../port.ts';

/** A model folder of the store, and what computing with it may use. */
export interface ModelRef {
  readonly folder: string;
  /** Tokens that end completions. */
  readonly eosTokenIds: readonly number[];
  /** Of a matrix product. */
  readonly threads: number;
  /** Of keys and values. */
  readonly maxCacheBytes: number;
  readonly precision: WeightPrecision;
}

/** Some of a prompt's samples. */
export interface PromptSamples {
  readonly promptId: string;
  readonly promptTokenIds: Int32Array;
  readonly firstSampleIndex: number;
  readonly n: number;
}

/** Method "sample"; its events are samples. */
export interface SampleChunk extends ModelRef {
  readonly prompts: readonly PromptSamples[];
  readonly sampling: SamplingParams;
  /** Texts that end a completion. */
  readonly stops: readonly string[];
  readonly seed: bigint;
  /** The call that this is a part of: calls share a model evenly. */
  readonly call: string;
}

/** An event of the method "sample". */
export type SampledText = DrawnSample;

/** Method "logProbs". */
export interface LogProbsChunk extends ModelRef {
  readonly sequences: readonly Int32Array[];
}
