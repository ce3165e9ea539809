/** The port of training engines, the engines that there are, and what helps to write one. */
export { datasetKind } from './data/dataset-kind.ts';
export { TRAINING_ENGINE_KIT, withTrainingEnginesOf, type MakeTrainingEngine } from './load-engines.ts';
export * from './port.ts';
export { openTrainingEngine, TRAINING_ENGINES, type ChosenTrainingEngine } from './registry.ts';
