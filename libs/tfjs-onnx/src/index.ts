/** Tracing backend for TensorFlow.js: plain tfjs code in, one ONNX model out. */
export * as tf from './tf.ts';
export { composites, registerComposites } from './kernels/composite.ts';
export { rmsNorm, rope, silu, sumSegments, tokenLogProb } from './kernels/fused.ts';
export type { ExternalLocation, QuantizedLocation, Shape } from './graph/ir.ts';
export { linearTokenLogProb } from './kernels/linear-token-log-prob.ts';
export { lowRankSum } from './kernels/low-rank.ts';
export { fromBlocks, repeatByGroup, toBlocks, type Block, type Layout } from './graph/blocks.ts';
export { boundary, recompute } from './graph/recompute.ts';
export { sampleToken, warpedProbabilities, type SampleInputs } from './kernels/sample-token.ts';
export { symbolSizes, trace, type OnnxModel, type TracedInput, type TracedWeight, type TraceOptions } from './trace.ts';
