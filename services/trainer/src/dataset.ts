import type { ArtifactStore } from '@hone/artifacts';
import { dataLoss } from '@hone/errors';
import type { DatasetKind } from './spec-rules.ts';

/** What a stored dataset holds. A group has at least one pair and an example has none, so its first row tells. */
export async function datasetKind(store: ArtifactStore, digest: string): Promise<DatasetKind> {
  for await (const row of store.readJsonLines<object>(digest)) return 'pairs' in row ? 'groups' : 'examples';
  throw dataLoss(`datasets/${digest}`, 'holds no record');
}
