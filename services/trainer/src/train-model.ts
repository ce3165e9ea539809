import { ArtifactStore } from '@hone/artifacts';
import { readCheckpoint, type Checkpoint } from '@hone/checkpoint';
import { BatchUnit } from '@hone/contracts';
import { invalidArgument, throwIfAborted } from '@hone/errors';
import { trainOnDemonstrations, trainOnPreferences, type PreferenceGroup, type StepMetrics } from '@hone/training';
import type { WorkerContext } from '@hone/workers';
import { demonstrationLoss, optimizerOptions, preferenceLoss, stepMetrics } from './convert.ts';
import { datasetKind } from './dataset.ts';
import { ExampleTokenizer } from './example-tokenizer.ts';
import { storeCheckpoint } from './store-checkpoint.ts';
import { readExamples, readGroups, type DataLimits } from './training-data.ts';
import type { StepDone, TrainedCheckpoint, TrainJob } from './worker-protocol.ts';

/**
 * Number of weights below which one thread does it. The matrices of such a model are too small to share: measured at 150,000
 * weights on 2 cores, a second thread took 1.7 times the CPU time for 1.1 times the speed, and waits for a core that is busy.
 */
const SINGLE_THREAD_BELOW = 1_000_000;

/** What both kinds of training share. */
interface Task {
  readonly job: TrainJob;
  readonly store: ArtifactStore;
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly limits: DataLimits;
  readonly context: WorkerContext<StepDone>;
}

/** Trains a stored checkpoint and stores the result; nothing is stored where it fails or is cancelled. */
export async function trainModel(job: TrainJob, context: WorkerContext<StepDone>): Promise<TrainedCheckpoint> {
  const { signal } = context;
  const store = await ArtifactStore.open(job.storeDir);
  const folder = await store.openFolder(job.checkpoint, { verify: true });
  const checkpoint = await readCheckpoint(folder, { signal });
  const { maxPositionEmbeddings, vocabSize } = checkpoint.config;
  const maxTokens = Math.min(job.spec.maxLength || maxPositionEmbeddings, maxPositionEmbeddings);
  const task: Task = { job, store, folder, checkpoint, limits: { maxTokens, vocabSize, signal }, context };
  const kind = await datasetKind(store, job.dataset);
  const droppedTooLong = await (kind === 'groups' ? trainOnGroups(task) : trainOnExamples(task));
  throwIfAborted(signal);
  return { ...(await storeCheckpoint(store, checkpoint)), droppedTooLong };
}

async function trainOnGroups(task: Task): Promise<number> {
  const { job, store, limits } = task;
  const { records: groups, droppedTooLong } = await readGroups(store, job.dataset, limits);
  await trainOnPreferences({
    ...commonOptions(task),
    groups,
    reference: await referenceFor(groups, task),
    loss: preferenceLoss(job.spec.loss!),
    batchUnit: job.spec.batchUnit === BatchUnit.PROBLEMS ? 'problems' : 'pairs',
  });
  return droppedTooLong;
}

/** The reference model, where it is another than the start and a completion comes without its log-prob. */
async function referenceFor(
  groups: readonly PreferenceGroup[],
  { job, store, checkpoint, context }: Task,
): Promise<Checkpoint | undefined> {
  const complete = groups.every((group) => group.completions.every((it) => it.referenceLogProb !== undefined));
  if (complete || job.referenceCheckpoint === job.checkpoint) return undefined;
  const folder = await store.openFolder(job.referenceCheckpoint, { verify: true });
  const reference = await readCheckpoint(folder, { signal: context.signal });
  const [own, other] = [checkpoint.config.vocabSize, reference.config.vocabSize];
  if (own === other) return reference;
  const rule = `must have the vocabulary of the start checkpoint (${own} tokens), but has ${other}`;
  throw invalidArgument('reference_checkpoint', rule);
}

async function trainOnExamples(task: Task): Promise<number> {
  const { job, store, folder, checkpoint, limits } = task;
  let opened: Promise<ExampleTokenizer> | undefined;
  const tokenizer = (): Promise<ExampleTokenizer> => (opened ??= ExampleTokenizer.open(folder, checkpoint.config));
  const { records: examples, droppedTooLong } = await readExamples(store, job.dataset, tokenizer, limits);
  await trainOnDemonstrations({ ...commonOptions(task), examples, loss: demonstrationLoss(job.spec.loss!) });
  return droppedTooLong;
}

function commonOptions({ job, checkpoint, context }: Task) {
  const { spec, seed } = job;
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
    onStep: (measured: StepMetrics) => {
      void context.emit({ metrics: stepMetrics(measured), totalSteps: measured.totalSteps });
    },
  };
}
