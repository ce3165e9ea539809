import type { CheckpointFolders } from './checkpoint-folders.ts';
import type { PromptEncoder } from './prompt-encoder.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What the sampler's calls share. */
export interface SamplerContext {
  readonly checkpoints: CheckpointFolders;
  readonly pool: WorkerPool;
  readonly encoder: PromptEncoder;
}
