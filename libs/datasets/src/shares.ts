/** Records by the problem that they are of, so that a limit in all can be spread over problems. */
import { kindOfExample } from './record-rules.ts';
import { firstPairs } from './make-records.ts';
import type { TrainingRecord } from './store-dataset.ts';

/** What was made of a problem of a source: a group, or its examples. */
export interface Share {
  /** The same for no other. */
  readonly of: string;
  /** Pairs, or examples. */
  readonly size: number;
  readonly records: readonly TrainingRecord[];
}

/** The problem that a record is of. Examples of a completion are named "PROBLEM#SAMPLE", those of a solution by the problem. */
function problemOf({ $case, value }: TrainingRecord): string {
  if ($case === 'group') return `${value.source}\0${value.problemId}`;
  return kindOfExample(value) === 'tokens' ? value.id.replace(/#\d+$/, '') : value.id;
}

/** Shares in the order of their records; what is of one problem comes together. */
export async function* sharesOf(records: AsyncIterable<TrainingRecord>): AsyncGenerator<Share, void> {
  let [of, waiting] = ['', [] as TrainingRecord[]];
  for await (const record of records) {
    const next = problemOf(record);
    if (waiting.length > 0 && next !== of) {
      yield shareOf(of, waiting);
      waiting = [];
    }
    of = next;
    waiting.push(record);
  }
  if (waiting.length > 0) yield shareOf(of, waiting);
}

function shareOf(of: string, records: readonly TrainingRecord[]): Share {
  const size = records.reduce((sum, { $case, value }) => sum + ($case === 'group' ? value.pairs.length : 1), 0);
  return { of, size, records };
}

/** The first pairs or examples of a share. */
export function cutOf({ records, size }: Share, left: number): readonly TrainingRecord[] {
  if (left >= size) return records;
  if (left === 0) return [];
  const [first] = records;
  if (first!.$case === 'example') return records.slice(0, left);
  return [{ $case: 'group', value: firstPairs(first!.value, left) }];
}
