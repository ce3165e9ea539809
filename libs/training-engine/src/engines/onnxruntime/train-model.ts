import path from 'node:path';
import { ArtifactStore, workFolder } from '@hone/artifacts';
import { readCheckpoint, type Checkpoint } from '@hone/checkpoint';
import { BatchUnit, nameOfDigest, type DatasetKind, type StepMetrics } from '@hone/contracts';
import { invalidArgument, throwIfAborted, toHoneError } from '@hone/errors';
import {
  initializeAdapter,
  mergeAdapter,
  trainOnDemonstrations,
  trainOnPreferences,
  type LogProbGap,
  type LoraAdapter,
  type StepMetrics as MeasuredStep,
  type TrainingState,
} from '@hone/training';
import type { WorkerContext } from '@hone/workers';
import { demonstrationLoss, optimizerOptions, preferenceLoss, stepMetrics } from './convert.ts';
import { datasetKind } from '../../data/dataset-kind.ts';
import {
  ExampleTokenizer,
  readExamples,
  readGroups,
  readLabelled,
  storeAdapter,
  storeCheckpoint,
  type DataLimits,
  type DataSource,
} from '../../data/index.ts';
import type { TrainedCheckpoint, TrainingEvent } from '../../port.ts';
import type { ThreadedJob } from './protocol.ts';
import { SavedState, type RestoredState } from './saved-state.ts';

/**
 * Number of weights below which one thread does it. The matrices of such a model are too small to share: measured at 150,000
 * weights on 2 cores, a second thread took 1.7 times the CPU time for 1.1 times the speed, and waits for a core that is busy.
 */
const SINGLE_THREAD_BELOW = 1_000_000;

/** What both kinds of training share. */
interface Task {
  readonly job: ThreadedJob;
  readonly store: ArtifactStore;
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly limits: DataLimits;
  readonly context: WorkerContext<TrainingEvent>;
  /** What is trained instead of the weights. */
  readonly adapter: LoraAdapter | undefined;
  readonly saved: SavedState;
  readonly restored: RestoredState | undefined;
  /** Of all steps done, those before an interruption too. */
  readonly metrics: StepMetrics[];
}

/** Trains a stored checkpoint and stores the result; nothing is stored where it fails or is cancelled. */
export async function trainModel(job: ThreadedJob, context: WorkerContext<TrainingEvent>): Promise<TrainedCheckpoint> {
  const { signal } = context;
  const store = await ArtifactStore.open(job.storeDir);
  const folder = await store.openFolder(job.checkpoint, { verify: true });
  const checkpoint = await readCheckpoint(folder, { signal });
  const { maxPositionEmbeddings, vocabSize } = checkpoint.config;
  const maxTokens = Math.min(job.spec.maxLength || maxPositionEmbeddings, maxPositionEmbeddings);
  const { lora } = job.spec;
  const adapter = lora && initializeAdapter(checkpoint.weights, lora, job.seed);
  const saved = new SavedState(job.stateFolder, job.stateSeconds);
  const restored = await restore(saved, context);
  const metrics = [...(restored?.metrics ?? [])];
  const limits = { maxTokens, vocabSize, signal };
  const task: Task = { job, store, folder, checkpoint, limits, context, adapter, saved, restored, metrics };
  const kind = await datasetKind(store, job.dataset);
  const { droppedTooLong, logProbGap } = await (kind === 'examples'
    ? trainOnExamples(task)
    : trainOnGroups(task, kind));
  throwIfAborted(signal);
  if (adapter) mergeAdapter(checkpoint.weights, adapter);
  const stored = await storeCheckpoint(store, checkpoint);
  const base = nameOfDigest('checkpoints', job.checkpoint);
  const storedAdapter = adapter && (await storeAdapter(store, adapter, base));
  await saved.remove();
  const resumedFromStep = restored?.state.step ?? 0;
  return { ...stored, adapter: storedAdapter, droppedTooLong, resumedFromStep, logProbGap };
}

/** What is known of the data when the training is over. */
type TrainedOn = Pick<TrainedCheckpoint, 'droppedTooLong' | 'logProbGap'>;

/** The state of an interrupted job. One that is damaged is told of, and the job begins anew. */
async function restore(saved: SavedState, { emit }: WorkerContext<TrainingEvent>): Promise<RestoredState | undefined> {
  try {
    return await saved.restore();
  } catch (thrown) {
    await emit({ warning: `the saved state of this job is left aside: ${toHoneError(thrown).message}` });
    return undefined;
  }
}

async function trainOnGroups(task: Task, kind: Exclude<DatasetKind, 'examples'>): Promise<TrainedOn> {
  const { spec, checkpoint, referenceCheckpoint } = task.job;
  const sampledFrom = kind === 'advantages' ? checkpoint : task.job.sampledFrom;
  const referenceSampled = sampledFrom === '' || sampledFrom === referenceCheckpoint;
  const {
    records: groups,
    droppedTooLong,
    hasReference,
  } = await (kind === 'groups' ? readGroups(dataOf(task), { referenceSampled }) : readLabelled(dataOf(task)));
  const loss = preferenceLoss(spec.loss!);
  const { needs } = loss.loss;
  let logProbGap: LogProbGap | undefined;
  try {
    await trainOnPreferences({
      ...commonOptions(task),
      groups,
      // The KL divergence is of completions behind other prompts, of which no dataset has the log-prob.
      reference: needs.kl || (needs.reference && !hasReference) ? await referenceFor(task) : undefined,
      loss,
      batchUnit: spec.batchUnit === BatchUnit.PROBLEMS ? 'problems' : 'pairs',
      startsAtReference: checkpoint === referenceCheckpoint,
      drawnFrom: referenceSampled ? 'reference' : sampledFrom === checkpoint ? 'start' : undefined,
      onLogProbGap: (gap) => (logProbGap = gap),
    });
  } finally {
    await groups.close();
  }
  return { droppedTooLong, logProbGap };
}

/** The reference model, where it is another than the start. */
async function referenceFor({ job, store, checkpoint, context }: Task): Promise<Checkpoint | undefined> {
  if (job.referenceCheckpoint === job.checkpoint) return undefined;
  const folder = await store.openFolder(job.referenceCheckpoint, { verify: true });
  const reference = await readCheckpoint(folder, { signal: context.signal });
  const [own, other] = [checkpoint.config.vocabSize, reference.config.vocabSize];
  if (own === other) return reference;
  const rule = `must have the vocabulary of the start checkpoint (${own} tokens), but has ${other}`;
  throw invalidArgument('reference_checkpoint', rule);
}

async function trainOnExamples(task: Task): Promise<TrainedOn> {
  const { records: examples, droppedTooLong } = await readExamples(dataOf(task));
  try {
    await trainOnDemonstrations({ ...commonOptions(task), examples, loss: demonstrationLoss(task.job.spec.loss!) });
  } finally {
    await examples.close();
  }
  return { droppedTooLong, logProbGap: undefined };
}

function dataOf(task: Task): DataSource {
  const { job, store, limits } = task;
  const folder = path.join(workFolder(job.storeDir), 'data');
  return { store, digest: job.dataset, workFolder: folder, tokenizer: tokenizerOf(task), limits };
}

/** The tokenizer of the start checkpoint, read where records are text. */
function tokenizerOf({ folder, checkpoint }: Task): () => Promise<ExampleTokenizer> {
  let opened: Promise<ExampleTokenizer> | undefined;
  return () => (opened ??= ExampleTokenizer.open(folder, checkpoint.config));
}

function commonOptions({ job, checkpoint, context, adapter, saved, restored, metrics }: Task) {
  const { spec, seed } = job;
  const emit = (event: TrainingEvent): void => void context.emit(event);
  let totalSteps = restored?.totalSteps ?? 0;
  for (const row of restored?.metrics ?? []) emit({ metrics: row, totalSteps });
  return {
    config: checkpoint.config,
    weights: checkpoint.weights,
    optimizer: optimizerOptions(spec.optimizer!),
    batchSize: spec.batchSize,
    epochs: spec.epochs,
    maxSteps: spec.maxSteps,
    seed,
    threads: checkpoint.weights.flat.length < SINGLE_THREAD_BELOW ? 1 : job.threads,
    signal: context.signal,
    adapter,
    shuffle: !spec.keepOrder,
    recomputeActivations: spec.recomputeActivations,
    resumeFrom: restored?.state,
    saveState: { everySteps: 1, save: (state: TrainingState) => saved.saveIfDue(state, metrics, totalSteps) },
    stopWhen: spec.stopWhenChosenFalls ? (['CHOSEN_LOG_PROB_FALLS'] as const) : [],
    onWarning: (_code: string, message: string) => emit({ warning: message }),
    onStep: (measured: MeasuredStep) => {
      const row = stepMetrics(measured);
      metrics.push(row);
      ({ totalSteps } = measured);
      emit({ metrics: row, totalSteps });
    },
  };
}
