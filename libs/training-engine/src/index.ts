/** The port of training engines, the engines that there are, and what helps to write one. */
export { datasetKind } from './data/dataset-kind.ts';
export { openTrainingEngine, TRAINING_ENGINE_KIT, type MakeTrainingEngine } from './load-engines.ts';
export * from './port.ts';
export { TRAINING_ENGINES } from './registry.ts';
