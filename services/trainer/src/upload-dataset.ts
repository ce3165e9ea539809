import type { ArtifactStore } from '@hone/artifacts';
import { Example, nameOfDigest, PreferenceGroup, type Dataset, type UploadDatasetRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import type { CallContext } from '@hone/rpc';
import { checkExample, checkGroup } from './record-rules.ts';

/** The RPC that stores training data. */
export function uploadDatasetTo(store: ArtifactStore) {
  return async (requests: AsyncIterable<UploadDatasetRequest>, { signal }: CallContext): Promise<Dataset> => {
    const rows = new DatasetRows();
    const { digest, count } = await store.putJsonLines(rows.of(requests), { signal });
    return { name: nameOfDigest('datasets', digest), recordCount: count, pairCount: rows.pairs };
  };
}

/** Checks records on their way into the store. It throws before the end where anything is wrong, so that nothing is stored. */
class DatasetRows {
  pairs = 0;

  async *of(requests: AsyncIterable<UploadDatasetRequest>): AsyncGenerator<object> {
    let kind: 'group' | 'example' | undefined;
    let index = 0;
    for await (const { record } of requests) {
      if (!record) throw invalidArgument('record', `message ${index + 1} has neither a group nor an example`);
      kind ??= record.$case;
      if (record.$case !== kind)
        throw invalidArgument('record', `message ${index + 1} is not a(n) ${kind} like the first`);
      yield this.row(record, index);
      index += 1;
    }
    if (index === 0) throw invalidArgument('record', 'the dataset is empty: send at least one group or example');
  }

  private row(record: NonNullable<UploadDatasetRequest['record']>, index: number): object {
    if (record.$case === 'example') {
      checkExample(record.value, `example[${index}]`);
      return Example.toJSON(record.value) as object;
    }
    checkGroup(record.value, `group[${index}]`);
    this.pairs += record.value.pairs.length;
    return PreferenceGroup.toJSON(record.value) as object;
  }
}
