/**
 * The port between the sampler and what draws its completions.
 *
 * The sampler does what is the same for every engine: it checks requests, opens and verifies checkpoints, renders chats and tokenises
 * prompts, decodes texts, streams responses and counts. An engine gets token ids and gives token ids with their log-probs. It works at
 * the level of a call, so that it may be worker processes of this machine, a GPU, or a server that is asked over HTTP.
 *
 * What must hold of every engine:
 *
 * - **A sample depends on model, prompt, sampling parameters, precision and its own seed alone**: never on what else is in its call or
 *   batch, on threads, or on where it is drawn. Runs are repeated and resumed by that rule, and several samplers share one name by it.
 * - **Log-probs are the policy's**: log p(token | prefix) at temperature 1 over the whole vocabulary, whatever temperature, top-k and
 *   top-p the token was drawn with.
 * - **Errors are those of `@hone/errors`.** What no repetition mends is INVALID_ARGUMENT, FAILED_PRECONDITION or RESOURCE_EXHAUSTED; what
 *   may pass (a process that ended, a server that is away) is UNAVAILABLE, which callers repeat.
 * - **Nothing is quietly replaced**: an engine that cannot do what a call asks for says so before its first sample.
 *
 * An engine is a folder: `engines/<name>/index.ts` of this lib, or `<name>/index.mjs` of the folder that `--engines` names.
 */
import type { ModelConfig } from '@hone/checkpoint';
import type { Engine } from '@hone/contracts';
import type { SamplingParams } from '@hone/decoding/requests';
import type { EngineType } from '@hone/extensions';

/** A checkpoint whose every byte has been verified. */
export interface Model {
  /** Its folder, in the layout of Hugging Face: config.json, safetensors, tokenizer files. */
  readonly folder: string;
  /**
   * Its config as it was read. `eosTokenIds` are those that end completions: of config.json and generation_config.json, else the
   * tokenizer's; empty where nothing names one.
   */
  readonly config: ModelConfig;
}

/** A prompt as tokens. */
export interface TokenPrompt {
  /** Distinct within a call; part of every sample's seed. */
  readonly promptId: string;
  /** At least one, all of the vocabulary, and fewer than the model's context holds. */
  readonly promptTokenIds: Int32Array;
}

/** Completions that are wanted. */
export interface SampleCall {
  readonly model: Model;
  /** One or more. */
  readonly prompts: readonly TokenPrompt[];
  /** Completions of each prompt, at least 1. */
  readonly n: number;
  /** How tokens are drawn, and when a completion ends; checked. */
  readonly sampling: SamplingParams;
  /**
   * Texts that end a completion. An engine with the capability "stop-texts" ends it with the token that completes one of them, which it
   * keeps; to any other engine none are given: the sampler cuts what it drew.
   */
  readonly stops: readonly string[];
  /** Base of the samples' seeds: each is `seedOfSample(seed, promptId, sampleIndex)`. */
  readonly seed: bigint;
  /** One of the engine's `precisions`. */
  readonly precision: string;
}

/** A finished completion. */
export interface DrawnSample {
  readonly promptId: string;
  /** 0 … n - 1 among the samples of its prompt. */
  readonly sampleIndex: number;
  /** At least one; the token that ended it included. */
  readonly tokenIds: Int32Array;
  /** One for each token, in nats. */
  readonly logProbs: Float32Array;
  /** "stop": an end-of-sequence token, a stop token or a stop text. "length": maxTokens, or the model's context is full. */
  readonly finishReason: 'stop' | 'length';
  /** Its text without special tokens and up to the first stop text, where the engine has it at hand; else the sampler decodes it. */
  readonly text?: string;
}

/** Sequences whose log-probs are wanted. */
export interface LogProbsCall {
  readonly model: Model;
  /** At least one, each of at least two tokens of the vocabulary. */
  readonly sequences: readonly Int32Array[];
}

/** What an engine's processes used since it was opened; zeros where it computes elsewhere and is not told. */
export interface EngineUsage {
  readonly cpuSeconds: number;
  /** Sum of the peaks of its processes. */
  readonly peakMemoryBytes: number;
}

/** How a call ends early. */
export interface EngineCallOptions {
  /** Aborted when nobody waits for the rest: the engine stops the work and throws CANCELLED. */
  readonly signal: AbortSignal;
}

/** An engine that is open. Any number of calls may be under way; they share it evenly. */
export interface SamplingEngine {
  /** What it is, as it runs here; it does not change. */
  describe(): Engine;
  /** Calls of `sample` that keep it busy, at least 1: while one's last samples are drawn, the next one's first are at hand. */
  readonly capacity: number;
  /**
   * Draws n completions of each prompt and gives each as it is done, in no particular order. It keeps pace with its reader, so that
   * memory does not grow with their number; work begins with the first read, and leaving the loop ends it. What it cannot do at all it throws at once.
   */
  sample(call: SampleCall, options: EngineCallOptions): AsyncIterable<DrawnSample>;
  /**
   * log p(token[t] | token[0 … t-1]) for t = 1 … length - 1 of each sequence, in order, under exact weights. Asked only of an engine with
   * the capability "log-probs"; others leave it out.
   */
  logProbs?(call: LogProbsCall, options: EngineCallOptions): Promise<Float32Array[]>;
  usage(): Promise<EngineUsage>;
  /** Ends the calls under way with CANCELLED, and all of its processes. */
  close(): Promise<void>;
}

/** An engine that can be chosen. */
export type SamplingEngineType = EngineType<SamplingEngine>;

/** States an engine, for the types' sake. */
export const defineSamplingEngine = (engine: SamplingEngineType): SamplingEngineType => engine;
