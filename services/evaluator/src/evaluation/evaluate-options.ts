import type { ArtifactStore } from '@hone/artifacts';
import type { Reach, Reachable, ReplicaSets, ServiceOptions } from '@hone/rpc';

/** What the RPC needs beside the request. */
export interface EvaluateOptions {
  readonly store: ArtifactStore;
  /** Where the store lies; running evaluations keep their journals in it. */
  readonly storeDir: string;
  /** The deployment's own sampler and scorer, and those that requests name. */
  readonly peers: ReplicaSets;
  /** Other scorers that requests may name. */
  readonly reach: Reach;
  /** Other samplers that requests may name. */
  readonly samplerReach: Reachable;
  readonly logger: ServiceOptions['logger'];
  /** Resolves when sampler and scorer serve, or nobody may wait for them any longer: services that start together are not up together. */
  peersServing(signal: AbortSignal): Promise<void>;
}
