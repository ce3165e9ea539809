/**
 * The port between the trainer and what computes its jobs.
 *
 * The trainer does what is the same for every engine: it checks requests, keeps jobs in a queue and as operations that last, logs metrics,
 * and describes what was made. An engine takes a job, which names everything in the artifact store, trains, and puts the checkpoint into
 * the store. It works at the level of a job, so that it may be a process of this machine, a GPU, or a server elsewhere.
 *
 * What must hold of every engine:
 *
 * - **The same job gives the same checkpoint**, byte for byte on the same kind of machine, whatever interrupted it. Recipes say engine,
 *   version, device and machine for that reason.
 * - **Loss, optimiser and order are those of the spec** (hone.trainer.v1.TrainingSpec): a setting that the engine does not have is
 *   refused, never left out. Losses are functions of `@hone/losses`; the rows of a batch are drawn from the job's seed as
 *   `@hone/training` draws them.
 * - **A checkpoint appears complete or not at all**: nothing is in the store of a job that failed or was cancelled.
 * - **Errors are those of `@hone/errors`.** What no repetition mends is INVALID_ARGUMENT, FAILED_PRECONDITION, RESOURCE_EXHAUSTED or
 *   DATA_LOSS; what may pass (a process that ended) is UNAVAILABLE: the trainer's caller repeats the job, which goes on from its state.
 *
 * An engine is a folder: `engines/<name>/index.ts` of this lib, or `<name>/index.mjs` of the folder that `--engines` names.
 */
import type { Engine, StepMetrics, TrainingSpec } from '@hone/contracts';
import type { EngineType } from '@hone/extensions';
import type { LogProbGap } from '@hone/training';
import type { WorkerUsage } from '@hone/workers';

/** What is to be trained, on what, and how; all of it plain data. */
export interface TrainingJob {
  /** The artifact store, a folder or `s3://bucket/prefix`: for `ArtifactStore.open`. */
  readonly storeDir: string;
  /** Digest of the checkpoint to start from. */
  readonly checkpoint: string;
  /** Digest of the reference model; that of the start where it is the same. */
  readonly referenceCheckpoint: string;
  /** Digest of the checkpoint that the dataset's completions were sampled from, whose log-probs they carry; empty means the reference. */
  readonly sampledFrom: string;
  /** Digest of the dataset, groups or examples as JSON lines. */
  readonly dataset: string;
  /** Checked for this kind of data. */
  readonly spec: TrainingSpec;
  /** Of order and adapters. */
  readonly seed: bigint;
  /** Folder for the job's state, of which the digest of all that the job depends on is the name: the same job finds it again. */
  readonly stateFolder: string;
  /** How often the state is saved, at most; 0 is after every step. */
  readonly stateSeconds: number;
}

/** A step is done; steps come in order, from 1, those before an interruption too. */
export interface StepDone {
  readonly metrics: StepMetrics;
  /** Steps that the job has in all, as far as is known. */
  readonly totalSteps: number;
}

/** What a job tells while it runs: steps, and what people should know. */
export type TrainingEvent = StepDone | { readonly warning: string };

/** A checkpoint that was put into the store. */
export interface StoredCheckpoint {
  /** "checkpoints/{sha256}". */
  readonly name: string;
  /** Size of its files. */
  readonly bytes: number;
  readonly parameterCount: number;
}

/** What a job made. */
export interface TrainedCheckpoint extends StoredCheckpoint {
  /** "adapters/{sha256}": what was trained, where it was an adapter; the checkpoint has it merged. */
  readonly adapter: string | undefined;
  /** Pairs or examples that were left out, because they are longer than the model or the spec allows. */
  readonly droppedTooLong: number;
  /** 0 where the job began anew. */
  readonly resumedFromStep: number;
  /** How far log-probs of sampling that are not exact were from the reference's, in nats; undefined where none were compared. */
  readonly logProbGap: LogProbGap | undefined;
}

/** How a job is run. */
export interface TrainingOptions {
  /** Aborted when the job is cancelled, or laid down for the next process: the engine stops within seconds and throws CANCELLED. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** A finished job. */
export interface TrainingResult {
  readonly checkpoint: TrainedCheckpoint;
  /** What the engine's processes used for it; zeros where it computes elsewhere and is not told. */
  readonly usage: WorkerUsage;
}

/** An engine that is open. */
export interface TrainingEngine {
  /** What it is, as it runs here; it does not change. */
  describe(): Engine;
  /** Jobs that it works on at a time, at least 1; the trainer keeps the others queued. */
  readonly capacity: number;
  /** Trains, and stores what came of it. */
  train(job: TrainingJob, options: TrainingOptions): Promise<TrainingResult>;
  /** Ends what is under way, and all of its processes. */
  close(): Promise<void>;
}

/** An engine that can be chosen. */
export type TrainingEngineType = EngineType<TrainingEngine>;

/** States an engine, for the types' sake. */
export const defineTrainingEngine = (engine: TrainingEngineType): TrainingEngineType => engine;
