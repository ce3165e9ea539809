import type { ArtifactStore } from '@hone/artifacts';
import type { Dataset, UploadDatasetRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { storeDataset, type TrainingRecord } from './store-dataset.ts';

/** Stores training data that a client sends; nothing where it breaks a rule. */
export async function uploadDataset(
  store: ArtifactStore,
  requests: AsyncIterable<UploadDatasetRequest>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Dataset> {
  const dataset = await storeDataset(store, recordsOf(requests), { signal });
  if (dataset) return dataset;
  throw invalidArgument('record', 'the dataset is empty: send at least one group or example');
}

async function* recordsOf(requests: AsyncIterable<UploadDatasetRequest>): AsyncGenerator<TrainingRecord> {
  let index = 0;
  for await (const { record } of requests) {
    index += 1;
    if (!record) throw invalidArgument('record', `message ${index} has neither a group nor an example`);
    yield record;
  }
}
