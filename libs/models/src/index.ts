/** Model definitions, and the graphs traced from them. */
export { causalAttention, MASKED } from './attention.ts';
export { buildDecodeGraph, buildScoreGraph, cacheNames, externalWeights, WEIGHTS_LOCATION } from './cached-forward.ts';
export { decoder, finalNorm, outputHead, outputLogits, type Attention, type WeightTensors } from './llama.ts';
export { inverseFrequencies, rotaryTables } from './rotary.ts';
