import { digestOfName, type PublishResult, type StepKind } from '@hone/contracts';
import type { Schema } from '@hone/database';
import { nameOfVersion, publishVersion } from '@hone/registry';
import type { Transaction } from 'kysely';
import type { StepOutcome } from '../ledger/steps.ts';
import type { RunRecord } from '../ledger/runs.ts';

/** A publication takes no work: it is written with its step. */
export function nothingYet(checkpoint: string): StepOutcome<StepKind.PUBLISH> {
  const usage = { seconds: 0, cpuSeconds: 0, peakMemoryBytes: 0n, tokens: 0n };
  return { result: { checkpoint, version: '' }, usage, artifacts: {} };
}

/** Makes an iteration's checkpoint a version of the run's model, where the run names one. */
export async function publish(
  transaction: Transaction<Schema>,
  { id: runId, spec: { model } }: RunRecord,
  iteration: number,
  checkpoint: string,
): Promise<PublishResult> {
  if (model === '') return { checkpoint, version: '' };
  const digest = digestOfName('checkpoints', checkpoint, 'checkpoint');
  const version = await publishVersion(transaction, { model, digest, runId, iteration });
  return { checkpoint, version: nameOfVersion(model, version) };
}
