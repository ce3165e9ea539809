/** The port of sampling engines, the engines that there are, and what helps to write one. */
export { BoundedQueue } from './bounded-queue.ts';
export { drawToken } from './draw-token.ts';
export { openSamplingEngine, SAMPLING_ENGINE_KIT, type MakeSamplingEngine } from './load-engines.ts';
export * from './port.ts';
export { SAMPLING_ENGINES } from './registry.ts';
export { seedOfSample } from './seed-of-sample.ts';
