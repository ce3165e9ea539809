/** What the trainer and its worker process say to each other; all of it plain data. */
import type { StepMetrics, TrainingSpec } from '@hone/contracts';
import type { LogProbGap } from '@hone/training';

/** Method "initialize": draws a model's weights and stores it. */
export interface InitializeJob {
  readonly storeDir: string;
  readonly configJson: string;
  readonly tokenizerFiles: Readonly<Record<string, string>>;
  readonly seed: bigint;
  /** Bytes that the weights may take. */
  readonly memoryBytes: number;
}

/** Method "train": trains a stored checkpoint on a stored dataset and stores the result. */
export interface TrainJob {
  readonly storeDir: string;
  readonly checkpoint: string;
  readonly referenceCheckpoint: string;
  /** Digest of the checkpoint whose log-probs the dataset has; empty means the reference. */
  readonly sampledFrom: string;
  readonly dataset: string;
  readonly spec: TrainingSpec;
  readonly seed: bigint;
  readonly threads: number;
  /** Where the job's state is kept, and how often it is saved. */
  readonly stateFolder: string;
  readonly stateSeconds: number;
}

/** Event of "train": a step is done, or something is to be known. */
export type TrainEvent = StepDone | { readonly warning: string };

export interface StepDone {
  readonly metrics: StepMetrics;
  readonly totalSteps: number;
}

/** A checkpoint that the worker put into the store. */
export interface StoredCheckpoint {
  readonly name: string;
  readonly bytes: number;
  readonly parameterCount: number;
}

/** Result of "train". */
export interface TrainedCheckpoint extends StoredCheckpoint {
  /** "adapters/{sha256}": what was trained, where it was an adapter; the checkpoint has it merged. */
  readonly adapter: string | undefined;
  readonly droppedTooLong: number;
  /** 0 where the job began anew. */
  readonly resumedFromStep: number;
  /** How far log-probs of sampling were from the reference's; absent where none were compared. */
  readonly logProbGap: LogProbGap | undefined;
}
