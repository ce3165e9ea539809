import type { ArtifactStore } from '@hone/artifacts';
import type { Dataset, UploadDatasetRequest } from '@hone/contracts';
import { storeDataset, type TrainingRecord } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import type { CallContext } from '@hone/rpc';

/** The RPC that stores training data. */
export function uploadDatasetTo(store: ArtifactStore) {
  return async (requests: AsyncIterable<UploadDatasetRequest>, { signal }: CallContext): Promise<Dataset> => {
    const dataset = await storeDataset(store, recordsOf(requests), { signal });
    if (dataset) return dataset;
    throw invalidArgument('record', 'the dataset is empty: send at least one group or example');
  };
}

async function* recordsOf(requests: AsyncIterable<UploadDatasetRequest>): AsyncGenerator<TrainingRecord> {
  let index = 0;
  for await (const { record } of requests) {
    index += 1;
    if (!record) throw invalidArgument('record', `message ${index} has neither a group nor an example`);
    yield record;
  }
}
