/** Child process of the orchestrator: reads imported models, whose memory goes back to the system with it. */
import { ArtifactStore } from '@hone/artifacts';
import { importModel, type ImportJob } from '@hone/registry';
import { serveWorker } from '@hone/workers';

serveWorker({
  importModel: async ({ storeDir, folder }: ImportJob) => importModel(await ArtifactStore.open(storeDir), folder),
});
