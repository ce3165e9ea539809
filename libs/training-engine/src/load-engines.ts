/** An operator's own training engines, from the folder that --engines names. */
import { ArtifactStore } from '@hone/artifacts';
import * as errors from '@hone/errors';
import { withEnginesOf } from '@hone/extensions';
import type { TrainingEngineType } from './port.ts';
import { TRAINING_ENGINES } from './registry.ts';

/** What a module of the folder is given: it lies outside of Hone and can import none of it. */
export const TRAINING_ENGINE_KIT = { errors, ArtifactStore };

/** The default export of a module of the folder; beside it stands `export const kind = 'training'`. */
export type MakeTrainingEngine = (kit: typeof TRAINING_ENGINE_KIT) => TrainingEngineType;

/** Hone's training engines with those of a folder behind them; an empty folder name means none. */
export const withTrainingEnginesOf = (folder: string): Promise<TrainingEngineType[]> =>
  withEnginesOf('training', { folder, kit: TRAINING_ENGINE_KIT, own: TRAINING_ENGINES });
