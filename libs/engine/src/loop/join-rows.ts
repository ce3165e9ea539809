import { rowsRefOf } from '@hone/datasets';
import type { RowsKind, RowsRef } from '@hone/recipes';
import type { Kind } from '../ledger/results.ts';
import type { StepOutcome } from '../ledger/steps.ts';
import type { StepContext } from './step-context.ts';

/** The rows that a step's shards stored for a use (default: their kind), as one artifact, in the order of the shards. */
export async function joinRows<Of extends RowsKind>(
  { store, signal }: Pick<StepContext, 'store' | 'signal'>,
  shards: readonly Pick<StepOutcome<Kind>, 'artifacts'>[],
  { kind, use = kind }: { readonly kind: Of; readonly use?: string },
): Promise<RowsRef<Of>> {
  async function* rows(): AsyncGenerator<object> {
    for (const { artifacts } of shards) yield* store.readJsonLines<object>(artifacts[use]!.digest);
  }
  return rowsRefOf(kind, await store.putJsonLines(rows(), { signal }));
}
