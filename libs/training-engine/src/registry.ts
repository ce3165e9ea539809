import { chosenEngine } from '@hone/extensions';
import { registered } from '@hone/settings';
import * as found from './generated/engines.ts';
import type { TrainingEngine, TrainingEngineOptions, TrainingEngineType } from './port.ts';

/** Every engine of the folders in engines/, by name; the first is the default. */
export const TRAINING_ENGINES = registered<TrainingEngineType>(found, 'onnxruntime');

/** Which engine to open, among which, and with what. */
export interface ChosenTrainingEngine extends Omit<TrainingEngineOptions, 'entries'> {
  readonly name: string;
  readonly engines?: readonly TrainingEngineType[];
  /** Folder of the built entries of Hone's own engines, a folder each. */
  readonly entriesOfEngines: URL;
}

/** Opens the engine of this name; one that is not there is INVALID_ARGUMENT that lists those that are. */
export async function openTrainingEngine(chosen: ChosenTrainingEngine): Promise<TrainingEngine> {
  const { name, engines = TRAINING_ENGINES, entriesOfEngines, ...options } = chosen;
  const engine = chosenEngine(name, engines);
  return engine.open({ ...options, entries: new URL(`${name}/`, entriesOfEngines) });
}
