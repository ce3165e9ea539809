import { registered } from '@hone/settings';
import * as found from './generated/engines.ts';
import type { SamplingEngineType } from './port.ts';

/** Every engine of the folders in engines/, by name; the first is the default. */
export const SAMPLING_ENGINES = registered<SamplingEngineType>(found, 'onnxruntime');
