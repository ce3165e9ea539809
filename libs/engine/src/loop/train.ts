import { StepKind, TrainRequest } from '@hone/contracts';
import type { Model, TrainingSettings } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import { trainingSpec } from './messages.ts';
import { runRemotely } from './remote-work.ts';
import { seedOfStep } from './seeds.ts';
import type { StepContext } from './step-context.ts';

/** A training of a run. */
export interface Training {
  readonly start: Model;
  readonly reference: Model;
  /** "datasets/{sha256}". */
  readonly dataset: string;
  /** The checkpoint that its completions were sampled from; empty where that is not known. */
  readonly sampledFrom: string;
  readonly settings: TrainingSettings;
}

/** Trains a checkpoint. */
export async function train(
  context: StepContext<StepKind.TRAIN>,
  { start, reference, dataset, sampledFrom, settings }: Training,
): Promise<StepOutcome<StepKind.TRAIN>> {
  const { runId, spec, iteration, key, services, progress } = context;
  const what = key.name === 'train' ? `M_${iteration}` : key.name;
  const referenceCheckpoint = reference.checkpoint === start.checkpoint ? '' : reference.checkpoint;
  const result = await runRemotely(context, {
    service: 'trainer',
    work: services.training,
    request: TrainRequest.fromPartial({
      ...{ checkpoint: start.checkpoint, referenceCheckpoint, sampledFrom, dataset, spec: trainingSpec(settings) },
      seed: seedOfStep(spec.seed, key, 'train'),
      displayName: `${spec.displayName || runId} ${what}`,
    }),
    onMetadata: ({ step, totalSteps, last }) =>
      progress({ done: BigInt(step), total: BigInt(totalSteps), unit: 'steps', training: last }),
  });
  return { result, usage: result.usage!, artifacts: {} };
}
