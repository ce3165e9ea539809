/** Model definitions, and the graphs traced from them. */
export { MASKED, maskName } from './attention.ts';
export { buildDecodeGraph, buildScoreGraph, cacheNames, externalWeights, WEIGHTS_LOCATION } from './cached-forward.ts';
export type { Attention, DecoderInput, WeightTensors } from './decoder-definition.ts';
export { decoder, finalNorm, outputHead, outputLogits } from './model.ts';
export { inverseFrequencies, rotaryTables } from './rotary.ts';
