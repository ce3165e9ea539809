/** The port of sampling engines, the engines that there are, and what helps to write one. */
export { BoundedQueue } from './bounded-queue.ts';
export { drawToken } from './draw-token.ts';
export { SAMPLING_ENGINE_KIT, withSamplingEnginesOf, type MakeSamplingEngine } from './load-engines.ts';
export * from './port.ts';
export { openSamplingEngine, SAMPLING_ENGINES, type ChosenSamplingEngine } from './registry.ts';
export { seedOfSample } from './seed-of-sample.ts';
