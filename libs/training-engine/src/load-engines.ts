/** An operator's own training engines, from the folder that --engines names. */
import { ArtifactStore } from '@hone/artifacts';
import {
  Example,
  nameOfDigest,
  packInt32,
  PreferenceGroup,
  StepMetrics,
  TrainingSpec,
  unpackFloat32,
  unpackInt32,
} from '@hone/contracts';
import * as errors from '@hone/errors';
import { openEngine, withEnginesOf, type EngineSettings } from '@hone/extensions';
import type { TrainingEngine, TrainingEngineType } from './port.ts';
import { TRAINING_ENGINES } from './registry.ts';

/**
 * What a module of the folder is given: it lies outside of Hone and can import none of it. By the store it gets the folders of checkpoints
 * (`openFolder`), the rows of datasets (`readJsonLines`: each a PreferenceGroup or an Example as JSON), and puts in what it made
 * (`createFolder`).
 */
export const TRAINING_ENGINE_KIT = {
  errors,
  ArtifactStore,
  nameOfDigest,
  ...{ Example, PreferenceGroup, StepMetrics, TrainingSpec },
  ...{ packInt32, unpackFloat32, unpackInt32 },
};

/** The default export of a module of the folder; beside it stands `export const kind = 'training'`. */
export type MakeTrainingEngine = (kit: typeof TRAINING_ENGINE_KIT) => TrainingEngineType;

/** Opens the engine that a service's settings choose, of Hone's or of the operator's own (see openEngine). */
export async function openTrainingEngine(settings: EngineSettings, entries: URL): Promise<TrainingEngine> {
  const { enginesDir: folder = '' } = settings;
  const engines = await withEnginesOf('training', { folder, kit: TRAINING_ENGINE_KIT, own: TRAINING_ENGINES });
  return openEngine(engines, settings, entries);
}
