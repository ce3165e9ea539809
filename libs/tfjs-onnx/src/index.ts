/** Tracing backend for TensorFlow.js: plain tfjs code in, one ONNX model out. */
export * as tf from './tf.ts';
export { composites, registerComposites } from './composite.ts';
export { rmsNorm, rope, silu, sumSegments, tokenLogProb } from './fused.ts';
export type { ExternalLocation, QuantizedLocation, Shape } from './ir.ts';
export { linearTokenLogProb } from './linear-token-log-prob.ts';
export { lowRankSum } from './low-rank.ts';
export { fromBlocks, repeatByGroup, toBlocks, type Block, type Layout } from './places.ts';
export { boundary, recompute } from './recompute.ts';
export { sampleToken, warpedProbabilities, type SampleInputs } from './sample-token.ts';
export { symbolSizes, trace, type OnnxModel, type TracedInput, type TracedWeight, type TraceOptions } from './trace.ts';
