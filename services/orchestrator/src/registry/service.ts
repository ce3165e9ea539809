/** The parts of RegistryService. */
import type { ArtifactStore } from '@hone/artifacts';
import { RegistryServiceService } from '@hone/contracts';
import type { Database } from '@hone/database';
import { unary } from '@hone/rpc';
import type { Peers } from '../engine/peers.ts';
import { deleteAliasWith, listAliasChangesWith, setAliasWith } from './aliases.ts';
import { compareCheckpointsWith } from './compare-checkpoints.ts';
import { deleteCheckpointWith } from './delete-checkpoint.ts';
import { listEvaluationsWith, recordEvaluationWith } from './evaluations.ts';
import { describeLineageWith } from './lineage.ts';
import {
  getModelWith,
  getVersionWith,
  listModelsWith,
  listVersionsWith,
  publishVersionWith,
  updateModelWith,
} from './models.ts';
import { updateCheckpointWith } from './update-checkpoint.ts';

/** What the register needs. */
export interface RegistryOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly peers: Pick<Peers, 'evaluator'>;
}

/** The register, to be served beside the orchestrator's own calls. */
export function registryService(options: RegistryOptions) {
  const { database } = options;
  const implementation = {
    updateCheckpoint: unary(updateCheckpointWith(database)),
    deleteCheckpoint: unary(deleteCheckpointWith(database)),
    compareCheckpoints: unary(compareCheckpointsWith(options)),
    describeLineage: unary(describeLineageWith(database)),
    recordEvaluation: unary(recordEvaluationWith(options)),
    listEvaluations: unary(listEvaluationsWith(options)),
    getModel: unary(getModelWith(database)),
    listModels: unary(listModelsWith(database)),
    updateModel: unary(updateModelWith(database)),
    publishVersion: unary(publishVersionWith(database)),
    getVersion: unary(getVersionWith(database)),
    listVersions: unary(listVersionsWith(database)),
    setAlias: unary(setAliasWith(database)),
    deleteAlias: unary(deleteAliasWith(database)),
    listAliasChanges: unary(listAliasChangesWith(database)),
  };
  return { definition: RegistryServiceService, implementation };
}
