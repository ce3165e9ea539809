/** Child process of the orchestrator: reads imported models, whose memory goes back to the system with it. */
import { ArtifactStore } from '@hone/artifacts';
import { serveWorker } from '@hone/workers';
import { importModel } from './import-model.ts';
import type { ImportJob } from './import-checkpoint.ts';

serveWorker({
  importModel: async ({ storeDir, folder }: ImportJob) => importModel(await ArtifactStore.open(storeDir), folder),
});
