import type { ArtifactStore } from '@hone/artifacts';
import type { SamplerServiceClient } from '@hone/contracts';
import type { Reach, ServiceOptions } from '@hone/rpc';

/** What the RPC needs beside the request. */
export interface EvaluateOptions {
  readonly store: ArtifactStore;
  /** Where the store lies; running evaluations keep their journals in it. */
  readonly storeDir: string;
  readonly sampler: SamplerServiceClient;
  /** The deployment's own scorer, for requests that name no other. */
  readonly scorerAddress: string;
  /** Other scorers that requests may name. */
  readonly reach: Reach;
  readonly logger: ServiceOptions['logger'];
  /** Resolves when sampler and scorer serve, or nobody may wait for them any longer: services that start together are not up together. */
  peersServing(signal: AbortSignal): Promise<void>;
}
