import { registered } from '@hone/settings';
import * as found from './generated/engines.ts';
import type { TrainingEngineType } from './port.ts';

/** Every engine of the folders in engines/, by name; the first is the default. */
export const TRAINING_ENGINES = registered<TrainingEngineType>(found, 'onnxruntime');
