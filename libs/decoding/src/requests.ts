/** What may be asked of a model. Apart from the engine, so that a process that only checks requests loads no runtime. */
export { validateSamplingParams, type SamplingParams } from './sampling/sampling-params.ts';
export { validateRequests, validateSequences, type SampleRequest } from './validate-requests.ts';
export { UniformStream } from './sampling/uniform-stream.ts';
export type { WeightPrecision } from './graph/precision.ts';
export { cacheBytesPerPosition, parameterCount } from './sampling/batch-size.ts';
