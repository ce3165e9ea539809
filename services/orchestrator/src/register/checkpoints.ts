/** The RPCs of OrchestratorService that are the register's. */
import {
  runIdOf,
  type ExportCheckpointRequest,
  type GetCheckpointRequest,
  type GetLineageRequest,
  type ImportCheckpointRequest,
  type ListCheckpointsRequest,
  type RegisterCheckpointRequest,
} from '@hone/contracts';
import {
  exportCheckpoint,
  importCheckpoint,
  lineageOf,
  listCheckpoints,
  listReferencedArtifacts,
  openCheckpoint,
  registerStoredCheckpoint,
  type ImportOptions,
  type RegistryContext,
} from '@hone/registry';
import { clientStream, codeVersion, serverStream, unary } from '@hone/rpc';
import { getRun } from '@hone/engine';
import type { withNewCheckpoints } from './with-new-checkpoints.ts';

/** What these RPCs need. */
export type CheckpointsOptions = RegistryContext & Omit<ImportOptions, 'codeVersion'>;

/** Checkpoints: registered, listed, sent and received. */
export function checkpointCalls(options: CheckpointsOptions, seeingNew: ReturnType<typeof withNewCheckpoints>) {
  const { database } = options;
  const imports = { ...options, codeVersion: codeVersion() };
  const calls = {
    registerCheckpoint: unary(({ checkpoint }: RegisterCheckpointRequest) =>
      registerStoredCheckpoint(options, checkpoint),
    ),
    getCheckpoint: unary(({ name }: GetCheckpointRequest) => openCheckpoint(options, name)),
    listCheckpoints: unary(async (request: ListCheckpointsRequest) => {
      const runId = request.run === '' ? undefined : (await getRun(database, runIdOf(request.run, 'run'))).id;
      return listCheckpoints(database, request, runId);
    }),
    getLineage: unary(async ({ name }: GetLineageRequest) => ({
      checkpoints: await lineageOf(database, name, 'name'),
    })),
    exportCheckpoint: serverStream((request: ExportCheckpointRequest, { signal }) =>
      exportCheckpoint(options, request, signal),
    ),
    listReferencedArtifacts: serverStream(() => listReferencedArtifacts(database)),
  };
  return {
    ...seeingNew(calls),
    importCheckpoint: clientStream((requests: AsyncIterable<ImportCheckpointRequest>, { signal }) =>
      importCheckpoint(imports, requests, signal),
    ),
  };
}
