/** Wiring of the sampler. */
import { SamplerServiceService } from '@hone/contracts';
import { openStore, serverStream, unary, type ServiceOptions, type ServiceParts } from '@hone/rpc';
import { CheckpointFolders } from './checkpoint-folders.ts';
import { computeLogProbs } from './compute-log-probs.ts';
import { PromptEncoder } from './prompt-encoder.ts';
import { sample } from './sample.ts';
import { WorkerPool } from './worker-pool.ts';

/** What the sampler's calls share. */
export interface SamplerContext {
  readonly checkpoints: CheckpointFolders;
  readonly pool: WorkerPool;
  readonly encoder: PromptEncoder;
}

type SamplerOptions = Pick<ServiceOptions, 'storeDir' | 'threads' | 'memoryBytes' | 'logger'>;

/** Makes the service; `workerEntry` is the built worker, beside the built main and text worker. */
export async function createSamplerService(
  options: SamplerOptions,
  workerEntry = new URL('./worker.mjs', import.meta.url),
): Promise<ServiceParts> {
  const { store, dependency } = await openStore(options);
  const pool = new WorkerPool(workerEntry, options.threads, options.memoryBytes, options.logger);
  const encoder = new PromptEncoder(new URL('./text-worker.mjs', workerEntry), options.logger);
  const context: SamplerContext = { checkpoints: new CheckpointFolders(store), pool, encoder };
  return {
    services: [
      {
        definition: SamplerServiceService,
        implementation: {
          sample: serverStream(sample(context)),
          computeLogProbs: unary(computeLogProbs(context)),
        },
      },
    ],
    dependencies: [dependency],
    close: async () => void (await Promise.all([pool.close(), encoder.close()])),
  };
}
