/** Drawing a column of each row in proportion to its number: the inverse of the distribution function at a fed point. */
import { gatherColumns } from './gather-columns.ts';
import type { Graph, Value } from '../graph/ir.ts';
import { binary, cast, compare, pad, reduce, reshape, slice } from '../graph/rewrite.ts';

/** Up to so many columns their sums are taken one by one; more are summed in blocks first, which runs in parallel. */
const FEW_COLUMNS = 4096;
const BLOCK = 128;

/** Running sums along each row. */
export function cumulativeSum(graph: Graph, rows: Value): Value {
  return graph.node({ op: 'CumSum', inputs: [rows, graph.scalar(1, 'int32')], shape: rows.shape, dtype: 'float32' });
}

/** How many elements of each row are true, `[batch, 1]` int32. */
export const countTrue = (graph: Graph, rows: Value): Value =>
  reduce(graph, 'ReduceSum', cast(graph, rows, 'int32'), [1], true);

const lastColumn = (graph: Graph, rows: Value): Value => {
  const [count, columns] = rows.shape as [number, number];
  return slice(graph, rows, [0, columns - 1], [count, 1]);
};

/** The first column whose running sum exceeds the target; where rounding lets none, the last that adds anything. */
function firstAbove(graph: Graph, cumulative: Value, target: Value): Value {
  const column = countTrue(graph, compare(graph, 'LessOrEqual', cumulative, target));
  const last = countTrue(graph, compare(graph, 'Less', cumulative, lastColumn(graph, cumulative)));
  return binary(graph, 'Min', column, last);
}

/** The column that `uniform` `[batch, 1]` (from [0, 1)) draws from weights `[batch, columns]`: `[batch, 1]` int32. */
export function drawColumn(graph: Graph, weights: Value, uniform: Value): Value {
  const [rows, columns] = weights.shape as [number, number];
  if (columns <= FEW_COLUMNS) {
    const cumulative = cumulativeSum(graph, weights);
    return firstAbove(graph, cumulative, binary(graph, 'Mul', uniform, lastColumn(graph, cumulative)));
  }
  const blocks = Math.ceil(columns / BLOCK);
  const blocked = reshape(graph, pad(graph, weights, 1, blocks * BLOCK - columns), [rows, blocks, BLOCK]);
  const sums = reduce(graph, 'ReduceSum', blocked, [2], false);
  const cumulative = cumulativeSum(graph, sums);
  const target = binary(graph, 'Mul', uniform, lastColumn(graph, cumulative));
  const block = firstAbove(graph, cumulative, target);
  const index = cast(graph, block, 'int64');
  const before = binary(graph, 'Sub', gatherColumns(graph, cumulative, index), gatherColumns(graph, sums, index));
  const inside = cumulativeSum(graph, rowOf(graph, blocked, index));
  const column = firstAbove(graph, inside, binary(graph, 'Sub', target, before));
  return binary(graph, 'Add', binary(graph, 'Mul', block, graph.scalar(BLOCK, 'int32')), column);
}

/** Of each `[rows, width]` of the batch the row that `index` `[batch, 1]` names: `[batch, width]`. */
function rowOf(graph: Graph, tables: Value, index: Value): Value {
  const [batch, , width] = tables.shape as [number, number, number];
  const attributes = { batch_dims: 1 };
  return graph.node({
    op: 'GatherND',
    inputs: [tables, index],
    attributes,
    shape: [batch, width],
    dtype: tables.dtype,
  });
}
