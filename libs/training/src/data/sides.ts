/** The two sides of a part: what is preferred, and what is not. */
import { meanOf } from '@hone/statistics';
import type { BatchPart } from './batch.ts';

/** Rows on either side, once a pair or label: what is desirable is chosen, and so are examples. */
export function sidesOf({ rows, pairs, labels }: BatchPart): {
  readonly chosen: number[];
  readonly rejected: number[];
} {
  if (pairs.length + labels.length === 0) return { chosen: rows.map((_, row) => row), rejected: [] };
  const labelled = (side: boolean): number[] =>
    labels.filter(({ desirable }) => desirable === side).map(({ row }) => row);
  return {
    chosen: [...pairs.map(({ chosen }) => chosen), ...labelled(true)],
    rejected: [...pairs.map(({ rejected }) => rejected), ...labelled(false)],
  };
}

/** A step may have none of a side. */
export const meanOrZero = (values: readonly number[]): number => (values.length === 0 ? 0 : meanOf(values));
