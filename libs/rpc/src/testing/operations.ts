/** Operations in a folder of their own, and a kind of work, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TrainMetadata, TrainRequest, TrainResponse } from '@hone/contracts';
import { onTestFinished } from 'vitest';
import type { OperationKind } from '../operations/kind.ts';
import { OperationRegistry, type RegistryOptions } from '../operations/registry.ts';

export type TrainingKind = OperationKind<TrainRequest, TrainMetadata, TrainResponse>;

/** Work that is called training. */
export const trainingOf = (work: TrainingKind['work']): TrainingKind => ({
  method: 'hone.trainer.v1.TrainerService/Train',
  request: TrainRequest,
  metadata: TrainMetadata,
  response: TrainResponse,
  typeNames: { metadata: 'hone.trainer.v1.TrainMetadata', response: 'hone.trainer.v1.TrainResponse' },
  progressOf: ({ step }) => step,
  work,
});

/** A folder that is gone after the test. */
export async function operationsFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-operations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Operations that end with the test. */
export async function openOperations(options: Partial<RegistryOptions> = {}): Promise<OperationRegistry> {
  const folder = options.folder ?? (await operationsFolder());
  const registry = await OperationRegistry.open({ ...options, folder });
  onTestFinished(() => registry.close());
  return registry;
}
