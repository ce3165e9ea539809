import { chosenEngine } from '@hone/extensions';
import { registered } from '@hone/settings';
import * as found from './generated/engines.ts';
import type { SamplingEngine, SamplingEngineOptions, SamplingEngineType } from './port.ts';

/** Every engine of the folders in engines/, by name; the first is the default. */
export const SAMPLING_ENGINES = registered<SamplingEngineType>(found, 'onnxruntime');

/** Which engine to open, among which, and with what. */
export interface ChosenSamplingEngine extends Omit<SamplingEngineOptions, 'entries'> {
  readonly name: string;
  readonly engines?: readonly SamplingEngineType[];
  /** Folder of the built entries of Hone's own engines, a folder each. */
  readonly entriesOfEngines: URL;
}

/** Opens the engine of this name; one that is not there is INVALID_ARGUMENT that lists those that are. */
export async function openSamplingEngine(chosen: ChosenSamplingEngine): Promise<SamplingEngine> {
  const { name, engines = SAMPLING_ENGINES, entriesOfEngines, ...options } = chosen;
  const engine = chosenEngine(name, engines);
  return engine.open({ ...options, entries: new URL(`${name}/`, entriesOfEngines) });
}
