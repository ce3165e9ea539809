/** Wiring of the sampler. */
import { SamplerServiceService, type Engine } from '@hone/contracts';
import {
  descriptionOf,
  descriptionService,
  openStore,
  serverStream,
  unary,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { describeRuntime } from '@hone/runtime/description';
import { CheckpointFolders } from './checkpoint-folders.ts';
import { computeLogProbs } from './compute-log-probs.ts';
import type { SamplerContext } from './context.ts';
import { PromptEncoder } from './prompt-encoder.ts';
import { sample } from './sample.ts';
import { WorkerPool } from './worker-pool.ts';

type SamplerOptions = Pick<ServiceOptions, 'storeDir' | 'threads' | 'memoryBytes' | 'logger'>;

/** While one call's last samples are drawn, the next one's first are at hand. */
const CAPACITY = 2;

const engine = (): Engine => ({
  ...describeRuntime(),
  precision: 'float32',
  precisions: ['float32', 'int8'],
  capabilities: ['exact-log-probs', 'log-probs', 'stop-texts'],
});

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
      descriptionService(descriptionOf('sampler', { capacity: CAPACITY, engine: engine() })),
    ],
    dependencies: [dependency],
    close: async () => void (await Promise.all([pool.close(), encoder.close()])),
  };
}
