import { ArtifactStore } from '@hone/artifacts';
import type { Engine } from '@hone/contracts';
import type { EngineOptions } from '@hone/extensions';
import { describeRuntime } from '@hone/runtime/description';
import { runOneJob } from '@hone/workers';
import type {
  TrainedCheckpoint,
  TrainingEngine,
  TrainingEvent,
  TrainingJob,
  TrainingOptions,
  TrainingResult,
} from '../../port.ts';
import type { ThreadedJob } from './protocol.ts';

/** Each job in a process of its own with ONNX Runtime, whose memory goes back to the system with it. */
export class OnnxRuntimeEngine implements TrainingEngine {
  /** A job computes with all threads; two would only share them and double the memory. */
  readonly capacity = 1;
  private readonly entry: URL;
  private readonly ending = new AbortController();

  constructor(private readonly options: EngineOptions) {
    this.entry = new URL('worker.mjs', options.entries);
  }

  describe(): Engine {
    return {
      ...describeRuntime(),
      precision: 'float32',
      precisions: ['float32'],
      capabilities: ['lora', 'recompute-activations', 'resume'],
    };
  }

  async train(job: TrainingJob, { signal, onEvent }: TrainingOptions): Promise<TrainingResult> {
    const { threads, logger } = this.options;
    const { result, usage } = await runOneJob<ThreadedJob, TrainingEvent, TrainedCheckpoint>({
      ...{ entry: this.entry, method: 'train', job: { ...job, threads }, onEvent, logger },
      signal: AbortSignal.any([signal, this.ending.signal]),
      // A process that was killed leaves its temporary files; opening the store removes those of dead processes.
      onLeftover: () => ArtifactStore.open(job.storeDir),
    });
    return { checkpoint: result, usage };
  }

  async close(): Promise<void> {
    this.ending.abort();
  }
}
