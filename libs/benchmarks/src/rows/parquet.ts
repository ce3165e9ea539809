/** Parquet files, in which the Hugging Face hub stores data sets. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { dataLoss } from '@hone/errors';
import type { Row } from './row.ts';

/** Rows that are decoded together. */
const ROWS_PER_READ = 1000;

/** The rows of a Parquet file, some at a time. */
export async function* readParquet(name: string): AsyncGenerator<Row> {
  const file = await asyncBufferFromFile(name);
  const reading = <Result>(read: Promise<Result>): Promise<Result> =>
    read.catch((thrown: Error) => {
      throw dataLoss(name, `is not sound Parquet: ${thrown.message}`, thrown);
    });
  const metadata = await reading(parquetMetadataAsync(file));
  const count = Number(metadata.num_rows);
  for (let start = 0; start < count; start += ROWS_PER_READ) {
    const rowEnd = Math.min(start + ROWS_PER_READ, count);
    const rows = await reading(parquetReadObjects({ file, metadata, rowStart: start, rowEnd }));
    for (const [index, row] of rows.entries()) yield { value: plainRow(row), location: `${name} row ${start + index}` };
  }
}

/** Whole numbers of 64 bits as numbers, or as texts where a double would change them. */
function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  const plain = ([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value !== 'bigint') return [name, value];
    return [name, Number.isSafeInteger(Number(value)) ? Number(value) : String(value)];
  };
  return Object.fromEntries(Object.entries(row).map(plain));
}
