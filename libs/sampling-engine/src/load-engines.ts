/** An operator's own sampling engines, from the folder that --engines names. */
import { UniformStream } from '@hone/decoding/requests';
import * as errors from '@hone/errors';
import { openEngine, withEnginesOf, type EngineSettings } from '@hone/extensions';
import { BoundedQueue } from './bounded-queue.ts';
import { drawToken } from './draw-token.ts';
import type { SamplingEngine, SamplingEngineType } from './port.ts';
import { SAMPLING_ENGINES } from './registry.ts';
import { seedOfSample } from './seed-of-sample.ts';

/** What a module of the folder is given: it lies outside of Hone and can import none of it. */
export const SAMPLING_ENGINE_KIT = { errors, seedOfSample, UniformStream, drawToken, BoundedQueue };

/** The default export of a module of the folder; beside it stands `export const kind = 'sampling'`. */
export type MakeSamplingEngine = (kit: typeof SAMPLING_ENGINE_KIT) => SamplingEngineType;

/** Opens the engine that a service's settings choose, of Hone's or of the operator's own (see openEngine). */
export async function openSamplingEngine(settings: EngineSettings, entries: URL): Promise<SamplingEngine> {
  const { enginesDir: folder = '' } = settings;
  const engines = await withEnginesOf('sampling', { folder, kit: SAMPLING_ENGINE_KIT, own: SAMPLING_ENGINES });
  return openEngine(engines, settings, entries);
}
