/** Model definitions, and the graphs traced from them. */
export { MASKED, maskName } from './attention.ts';
export { buildDecodeGraph, buildScoreGraph, cacheNames, externalWeights, WEIGHTS_LOCATION } from './cached-forward.ts';
export * from './kit.ts';
export { decoder, finalNorm, outputHead, outputLogits } from './model.ts';
export { inverseFrequencies } from './rotary.ts';
