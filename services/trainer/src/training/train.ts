import type { ArtifactStore } from '@hone/artifacts';
import {
  digestOfName,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  type DatasetKind,
  type Operation,
} from '@hone/contracts';
import { invalidArgument, notFound } from '@hone/errors';
import { identify } from '@hone/listing';
import { logContext, type OperationKind, type OperationRegistry } from '@hone/rpc';
import { datasetKind, type TrainingEngine } from '@hone/training-engine';
import type { JobQueue } from '../job-queue.ts';
import { leaveNote } from '../leave-note.ts';
import { runTrainingJob, type JobOptions } from './training-job.ts';
import { checkTrainingSpec } from './spec-rules.ts';

/** What the RPC needs beside the request. */
export interface TrainOptions {
  readonly store: ArtifactStore;
  readonly operations: OperationRegistry;
  readonly training: TrainingKind;
  readonly engine: TrainingEngine;
}

type TrainingKind = OperationKind<TrainRequest, TrainMetadata, TrainResponse>;

/** Training jobs as operations: one that a process of this service left under way goes on from its saved state. */
export function trainingKind(
  options: JobOptions & { readonly store: ArtifactStore; readonly jobs: JobQueue },
): TrainingKind {
  const { store, jobs, logs } = options;
  return {
    method: 'hone.trainer.v1.TrainerService/Train',
    request: TrainRequest,
    metadata: TrainMetadata,
    response: TrainResponse,
    typeNames: { metadata: 'hone.trainer.v1.TrainMetadata', response: 'hone.trainer.v1.TrainResponse' },
    progressOf: ({ step }) => step,
    work: async (request, operation) => {
      const log = logs.create(operation.name);
      operation.report(TrainMetadata.fromPartial({ operation: operation.name }));
      try {
        const response = await jobs.run(operation.signal, () => runTrainingJob(request, operation, log, options));
        // A run's orchestrator registers what it had made, with the run.
        if (logContext().run === undefined) await leaveNote(store, response.checkpoint!);
        return response;
      } finally {
        log.end();
      }
    },
  };
}

/** The RPC that starts a training job. Whatever can be known to be wrong is refused before the job is queued. */
export function trainWith({ store, operations, training, engine }: TrainOptions) {
  return async (request: TrainRequest): Promise<Operation> => {
    const identity = identify(TrainRequest, request);
    const known = await operations.known(identity);
    if (known) return known;
    const dataset = digestOfName('datasets', request.dataset, 'dataset');
    await requireCheckpoint(store, request.checkpoint, 'checkpoint');
    if (request.referenceCheckpoint) {
      await requireCheckpoint(store, request.referenceCheckpoint, 'reference_checkpoint');
    }
    // Its weights are not needed: only whether it is the reference.
    if (request.sampledFrom) digestOfName('checkpoints', request.sampledFrom, 'sampled_from');
    if (!(await store.hasJsonLines(dataset)))
      throw notFound(request.dataset, 'upload it with UploadService.UploadDataset first');
    const kind = await datasetKind(store, dataset);
    checkTrainingSpec(request.spec, kind, engine.describe());
    requireDrawnFromStart(request, kind);
    return operations.start(training, request, identity);
  };
}

/** The old policy of a loss on tokens is where the training starts. */
function requireDrawnFromStart({ checkpoint, sampledFrom }: TrainRequest, kind: DatasetKind): void {
  if (kind !== 'advantages' || sampledFrom === '' || sampledFrom === checkpoint) return;
  const rule = `must be the start, ${checkpoint}, or unset for examples with advantages, but is ${sampledFrom}`;
  throw invalidArgument('sampled_from', rule);
}

async function requireCheckpoint(store: ArtifactStore, name: string, field: string): Promise<void> {
  if (!(await store.hasFolder(digestOfName('checkpoints', name, field)))) {
    throw notFound(name, 'import it with OrchestratorService.ImportCheckpoint, or train it first');
  }
}
