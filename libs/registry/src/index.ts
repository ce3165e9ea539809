/** The register: checkpoints, models with their versions and aliases, lineages, and what was measured. */
export { deleteAlias, listAliasChanges, setAlias } from './models/aliases.ts';
export { compareCheckpoints, type CompareOptions } from './checkpoints/compare-checkpoints.ts';
export { deleteCheckpoint } from './checkpoints/delete-checkpoint.ts';
export { listEvaluations, recordEvaluation } from './evaluations.ts';
export { exportCheckpoint } from './checkpoints/export-checkpoint.ts';
export {
  importCheckpoint,
  removeAbandonedImports,
  type ImportJob,
  type ImportOptions,
} from './checkpoints/import-checkpoint.ts';
export { importModel, type ImportedModel } from './checkpoints/import-model.ts';
export { describeLineage, lineageOf } from './lineage.ts';
export { getModel, getVersion, listModels, listVersions, publishCheckpoint, updateModel } from './models/models.ts';
export { nameOfVersion } from './names.ts';
export type { RegistryContext } from './context.ts';
export { listReferencedArtifacts } from './referenced-artifacts.ts';
export { openCheckpoint, registerStoredCheckpoint } from './checkpoints/register-checkpoint.ts';
export { moveAlias, type AliasMove } from './rows/aliases.ts';
export { describeCheckpoint, getCheckpoint, listCheckpoints, registerCheckpoint } from './rows/checkpoints.ts';
export { holdCheckpoint, publishVersion, type NewVersion } from './rows/versions.ts';
export { registerNotedCheckpoints } from './checkpoints/register-noted.ts';
export { updateCheckpoint } from './checkpoints/update-checkpoint.ts';
