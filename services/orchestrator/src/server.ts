import { ArtifactStore } from '@hone/artifacts';
import { OrchestratorServiceService } from '@hone/contracts';
import { clientStream, serverStream, unary, type ServiceOptions, type ServiceParts } from '@hone/rpc';
import { getCheckpointWith, getLineageWith, listCheckpointsWith, registerCheckpointWith } from './checkpoints.ts';
import { openDatabase } from './database/open-database.ts';
import { LiveRuns } from './engine/live-runs.ts';
import { connectPeers } from './engine/peers.ts';
import { RunScheduler } from './engine/scheduler.ts';
import { exportCheckpointWith } from './export-checkpoint.ts';
import { importCheckpointWith, removeAbandonedImports, type ImportOptions } from './import-checkpoint.ts';
import { listReferencedArtifactsWith } from './referenced-artifacts.ts';
import { registryService } from './registry/service.ts';
import { cancelRunWith, createRunWith, getRunWith, listRunsWith, resumeRunWith } from './runs.ts';
import { watchRunWith } from './watch-run.ts';

/** The orchestrator: its state is a database in `stateDir`, its work is done by the other services. */
export async function createOrchestratorService(
  options: Pick<ServiceOptions, 'storeDir' | 'stateDir' | 'peers' | 'logger' | 'signal'>,
  importFolder: ImportOptions['importFolder'],
): Promise<ServiceParts> {
  const { storeDir, stateDir, logger, signal } = options;
  const store = await ArtifactStore.open(storeDir);
  const { database, close } = await openDatabase(stateDir);
  const peers = connectPeers(options.peers);
  const live = new LiveRuns();
  const scheduler = new RunScheduler({ database, store, peers, live }, logger);
  try {
    await removeAbandonedImports(stateDir);
    await scheduler.recover();
  } catch (thrown) {
    peers.close();
    await close();
    throw thrown;
  }
  const runs = { database, store, scheduler };
  const checkpoints = { database, store };
  const implementation = {
    createRun: unary(createRunWith(runs)),
    getRun: unary(getRunWith(runs)),
    listRuns: unary(listRunsWith(runs)),
    watchRun: serverStream(watchRunWith({ database, live, ending: signal })),
    cancelRun: unary(cancelRunWith(runs)),
    resumeRun: unary(resumeRunWith(runs)),
    registerCheckpoint: unary(registerCheckpointWith(checkpoints)),
    getCheckpoint: unary(getCheckpointWith(checkpoints)),
    listCheckpoints: unary(listCheckpointsWith(checkpoints)),
    getLineage: unary(getLineageWith(checkpoints)),
    importCheckpoint: clientStream(importCheckpointWith({ database, storeDir, stateDir, importFolder })),
    exportCheckpoint: serverStream(exportCheckpointWith(checkpoints)),
    listReferencedArtifacts: serverStream(listReferencedArtifactsWith(database)),
  };
  return {
    services: [{ definition: OrchestratorServiceService, implementation }, registryService({ database, store, peers })],
    close: async () => {
      await scheduler.close();
      peers.close();
      await close();
    },
  };
}
