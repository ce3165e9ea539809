/** Reading imported models in a process of its own. */
import { ArtifactStore } from '@hone/artifacts';
import type { ImportedModel, ImportJob, ImportOptions } from '@hone/registry';
import type { ServiceOptions } from '@hone/rpc';
import { spawnWorker } from '@hone/workers';

/** Imports in a child process (`entry`). Cancelling ends the process. */
export function importInWorker(entry: URL, logger: ServiceOptions['logger']): ImportOptions['importFolder'] {
  return async (job, signal) => {
    const worker = spawnWorker(entry, { logger });
    const end = (): void => void worker.close();
    signal.addEventListener('abort', end, { once: true });
    try {
      return await worker.call<ImportJob, never, ImportedModel>('importModel', job, { signal });
    } finally {
      signal.removeEventListener('abort', end);
      await worker.close();
      // A process that was killed leaves its temporary files; opening the store removes those of dead processes.
      await ArtifactStore.open(job.storeDir);
    }
  };
}
