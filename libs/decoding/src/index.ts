/** Sampling from a model: continuous batching over a decode graph with a key-value cache, and log-probs of given tokens. */
export * from './requests.ts';
export { DecodingEngine, type EngineOptions, type SampleOptions } from './engine.ts';
export type { FinishReason, SampledCompletion } from './sampling/completion.ts';
