import { runService } from '@hone/rpc';
import { importInWorker } from './register/import-in-worker.ts';
import { createOrchestratorService } from './server.ts';

await runService('orchestrator', (options) =>
  createOrchestratorService(options, importInWorker(new URL('./worker.mjs', import.meta.url), options.logger)),
);
