import { TrainMetadata, TrainRequest, TrainResponse, type TrainingSpec } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { runOperation } from './operations.ts';
import type { StepContext } from './step-context.ts';

/** A training job of a run. */
export interface TrainingJob {
  /** Names the job within its iteration. */
  readonly key: string;
  readonly checkpoint: string;
  readonly dataset: string;
  readonly training: TrainingSpec;
  readonly seed: bigint;
  readonly displayName: string;
}

/** Trains a checkpoint; the start is also the reference of the preference term. */
export function train(context: StepContext, job: TrainingJob): Promise<TrainResponse> {
  const { peers, signal, progress } = context;
  return runOperation(context, {
    key: job.key,
    service: 'trainer',
    client: peers.trainerOperations,
    response: TrainResponse,
    metadata: TrainMetadata,
    start: (requestId) => {
      const { checkpoint, dataset, training: spec, seed, displayName } = job;
      const request = TrainRequest.fromPartial({ requestId, checkpoint, dataset, spec, seed, displayName });
      return callUnary(peers.trainer, 'train', request, { signal });
    },
    onMetadata: ({ step, totalSteps, last }) =>
      progress({ done: BigInt(step), total: BigInt(totalSteps), unit: 'steps', training: last }),
  });
}
