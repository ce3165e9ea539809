import type { ArtifactStore } from '@hone/artifacts';
import { Example, nameOfDigest, PreferenceGroup, type Dataset, type UploadDatasetRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { checkExample, checkGroup } from './record-rules.ts';

/** Preferences of a problem, or an example. */
export type TrainingRecord = NonNullable<UploadDatasetRequest['record']>;

/** Stores training data: all preference groups, or all examples. Undefined where there is none: nothing is stored then. */
export async function storeDataset(
  store: ArtifactStore,
  records: AsyncIterable<TrainingRecord>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Dataset | undefined> {
  const iterator = records[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  const rows = new DatasetRows();
  const { digest, count } = await store.putJsonLines(rows.of(first.value, iterator), { signal });
  return { name: nameOfDigest('datasets', digest), recordCount: count, pairCount: rows.pairs };
}

/** Checks records on their way into the store. It throws before the end where anything is wrong, so that nothing is stored. */
class DatasetRows {
  pairs = 0;
  private first: { readonly desirable: boolean; readonly advantage: boolean } | undefined;

  async *of(first: TrainingRecord, rest: AsyncIterator<TrainingRecord>): AsyncGenerator<object> {
    try {
      yield this.row(first, 0);
      for (let index = 1; ; index++) {
        const { done, value: record } = await rest.next();
        if (done) return;
        if (record.$case !== first.$case)
          throw invalidArgument('record', `message ${index + 1} is not a(n) ${first.$case} like the first`);
        yield this.row(record, index);
      }
    } finally {
      await rest.return?.();
    }
  }

  private row(record: TrainingRecord, index: number): object {
    if (record.$case === 'example') {
      checkExample(record.value, `example[${index}]`);
      this.checkForm(record.value, index);
      return Example.toJSON(record.value) as object;
    }
    checkGroup(record.value, `group[${index}]`);
    this.pairs += record.value.pairs.length;
    return PreferenceGroup.toJSON(record.value) as object;
  }

  /** Labels and advantages are of all examples, or of none. */
  private checkForm({ desirable, advantage }: Example, index: number): void {
    const has = { desirable: desirable !== undefined, advantage: advantage !== undefined };
    this.first ??= has;
    for (const field of ['desirable', 'advantage'] as const) {
      if (has[field] === this.first[field]) continue;
      const rule = `must be ${has[field] ? 'unset' : 'set'}, as it is in the first example`;
      throw invalidArgument(`example[${index}].${field}`, rule);
    }
  }
}
