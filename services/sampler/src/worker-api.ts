/** What the sampler asks of its worker processes. Everything here crosses by structured clone. */
import type { SamplingParams, WeightPrecision } from '@hone/decoding/requests';

/** A model folder of the store, and what computing with it may use. */
export interface ModelRef {
  readonly folder: string;
  /** Of a matrix product. */
  readonly threads: number;
  /** Of keys and values. */
  readonly maxCacheBytes: number;
  readonly precision: WeightPrecision;
}

export interface PromptInput {
  readonly id: string;
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'chat'; readonly messages: readonly { readonly role: string; readonly content: string }[] }
    | { readonly kind: 'tokens'; readonly tokenIds: Int32Array };
}

/** A prompt as tokens. */
export interface EncodedPrompt {
  readonly tokenIds: Int32Array;
  /** Completion.template_date. */
  readonly templateDate: string;
}

/** Prompts of a call that are to become tokens. */
export interface EncodeRequest {
  /** A model folder of the store. */
  readonly folder: string;
  readonly prompts: readonly PromptInput[];
  /** Place in the call of the first of them, for error messages. */
  readonly firstIndex: number;
}

/** Some of a prompt's samples. */
export interface PromptSamples {
  readonly promptId: string;
  readonly promptTokenIds: Int32Array;
  readonly firstSampleIndex: number;
  readonly n: number;
}

export interface SampleChunk extends ModelRef {
  readonly prompts: readonly PromptSamples[];
  readonly sampling: SamplingParams;
  /** Texts that end a completion. */
  readonly stops: readonly string[];
  readonly seed: bigint;
  /** The call that this is a part of: calls share a model evenly. */
  readonly call: string;
}

/** An event of the method `sample`. */
export interface SampledText {
  readonly promptId: string;
  readonly sampleIndex: number;
  readonly tokenIds: Int32Array;
  readonly logProbs: Float32Array;
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
  readonly seed: bigint;
}

export interface LogProbsChunk extends ModelRef {
  readonly sequences: readonly Int32Array[];
}
