import { digestOfName } from '@hone/contracts';
import type { Schema } from '@hone/database';
import { moveAlias, publishVersion } from '@hone/registry';
import type { Transaction } from 'kysely';
import type { RunRecord } from '../ledger/runs.ts';

/** The alias of the version that a run's own choice found best. */
const BEST = 'best';

/** Moves a model's alias `best` to the checkpoint that a run has chosen, where it has both a model and a choice. */
export async function markBest(transaction: Transaction<Schema>, run: RunRecord): Promise<void> {
  const { id, spec, bestCheckpoint, bestIteration } = run;
  const { model } = spec;
  if (model === '' || bestCheckpoint === '') return;
  const digest = digestOfName('checkpoints', bestCheckpoint, 'best_checkpoint');
  // Published with its iteration already: this only finds the version's number.
  const version = await publishVersion(transaction, { model, digest, runId: id, iteration: bestIteration });
  const reason = `best of the run's checkpoints on its held-out problems (iteration ${bestIteration})`;
  await moveAlias(transaction, { model, alias: BEST, version, caller: `runs/${id}`, reason });
}
