/** What the engine asks of its worker process; plain data. */
import type { TrainingJob } from '../../port.ts';

/** Method "train": its events are the port's, its result a TrainedCheckpoint. */
export interface ThreadedJob extends TrainingJob {
  readonly threads: number;
}
