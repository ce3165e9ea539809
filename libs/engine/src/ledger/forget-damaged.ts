import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, StepKind, type TrainResponse } from '@hone/contracts';
import type { Database } from '@hone/database';
import { HoneError } from '@hone/errors';
import { deleteStep, listLedger, type StepRecord } from './steps.ts';

/** What a step has stored. */
function storedBy({ kind, outcome }: StepRecord): { kind: 'rows' | 'folder'; digest: string }[] {
  if (!outcome) return [];
  const rows = Object.values(outcome.artifacts).map(({ digest }) => ({ kind: 'rows' as const, digest }));
  const name = kind === StepKind.TRAIN && (outcome.result as TrainResponse).checkpoint?.name;
  if (!name) return rows;
  return [...rows, { kind: 'folder', digest: digestOfName('checkpoints', name, 'checkpoint') }];
}

/**
 * Reads everything that a run has stored, and forgets the steps of what is damaged, or of rows that are gone: the run does them again,
 * and so makes the same bytes anew. Gives the names of those steps.
 */
export async function forgetDamaged(database: Database, store: ArtifactStore, runId: string): Promise<string[]> {
  const forgotten: string[] = [];
  for (const step of await listLedger(database, runId)) {
    if (!(await isDamaged(store, step))) continue;
    await deleteStep(database, runId, step);
    const shard = step.shard === undefined ? '' : `, from row ${step.shard}`;
    forgotten.push(`iteration ${step.iteration}, step ${step.name}${shard}`);
  }
  return forgotten;
}

async function isDamaged(store: ArtifactStore, step: StepRecord): Promise<boolean> {
  for (const { kind, digest } of storedBy(step)) {
    // All services of a deployment share one store. A checkpoint may have been deleted by its owner, rows never are.
    if (kind === 'rows' && !(await store.hasJsonLines(digest))) return true;
    try {
      await store.verify({ kind, digest, storedBytes: 0, storedTime: new Date(0), complete: true });
    } catch (thrown) {
      if (thrown instanceof HoneError && thrown.code === 'DATA_LOSS') return true;
      if (!(thrown instanceof HoneError) || thrown.code !== 'NOT_FOUND') throw thrown;
    }
  }
  return false;
}
