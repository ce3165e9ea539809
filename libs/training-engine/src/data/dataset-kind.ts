import type { ArtifactStore } from '@hone/artifacts';
import type { DatasetKind } from '@hone/contracts';
import { dataLoss } from '@hone/errors';

/** What a stored dataset holds. A group has at least one pair, and all examples have a label or an advantage or none has, so its first row tells. */
export async function datasetKind(store: ArtifactStore, digest: string): Promise<DatasetKind> {
  for await (const row of store.readJsonLines<object>(digest)) {
    if ('pairs' in row) return 'groups';
    if ('advantage' in row) return 'advantages';
    return 'desirable' in row ? 'labelled' : 'examples';
  }
  throw dataLoss(`datasets/${digest}`, 'holds no record');
}
