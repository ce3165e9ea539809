/** Wiring of the sampler. */
import { SamplerServiceService } from '@hone/contracts';
import {
  descriptionOf,
  descriptionService,
  openStore,
  serverStream,
  unary,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { openSamplingEngine } from '@hone/sampling-engine';
import { computeLogProbs } from './calls/compute-log-probs.ts';
import { sample } from './calls/sample.ts';
import { CheckpointFolders } from './checkpoint-folders.ts';
import type { SamplerContext } from './context.ts';
import { TextProcesses } from './text/text-processes.ts';

type SamplerOptions = Pick<ServiceOptions, 'storeDir' | 'threads' | 'memoryBytes' | 'logger'> &
  Partial<Pick<ServiceOptions, 'engine' | 'enginesDir'>>;

/** Makes the service; `entries` is the folder of the built processes of sampler and engines. */
export async function createSamplerService(
  options: SamplerOptions,
  entries = new URL('./', import.meta.url),
): Promise<ServiceParts> {
  const { store, dependency } = await openStore(options);
  const engine = await openSamplingEngine(options, entries);
  const texts = new TextProcesses(new URL('text-worker.mjs', entries), options.logger);
  const checkpoints = new CheckpointFolders(store, (folder) => texts.endToken(folder));
  const context: SamplerContext = { checkpoints, engine, texts };
  const implementation = {
    sample: serverStream(sample(context)),
    computeLogProbs: unary(computeLogProbs(context)),
  };
  return {
    services: [
      { definition: SamplerServiceService, implementation },
      descriptionService(descriptionOf('sampler', { capacity: engine.capacity, engine: engine.describe() })),
    ],
    dependencies: [dependency],
    close: async () => void (await Promise.all([engine.close(), texts.close()])),
  };
}
