import type { SamplingEngine } from '@hone/sampling-engine';
import type { CheckpointFolders } from './checkpoint-folders.ts';
import type { TextProcesses } from './text/text-processes.ts';

/** What the sampler's calls share. */
export interface SamplerContext {
  readonly checkpoints: CheckpointFolders;
  readonly engine: SamplingEngine;
  readonly texts: TextProcesses;
}
